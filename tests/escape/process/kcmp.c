// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_kcmp, getpid(), world.victim, 1 /* KCMP_VM */, 0, 0));
}

TECHNIQUE(.what = "what it shares (kcmp)", .hooks = "sbx_ptrace", .event = "ptrace",
	  .needs = "kcmp", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_acct, NULL));
}

TECHNIQUE(.what = "a record of all processes, written by the kernel (acct)", .hooks = "sbx_capable",
	  .event = "kernel_control", .needs = "process accounting", .harmless = true);

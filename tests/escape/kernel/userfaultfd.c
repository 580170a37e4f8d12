// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(syscall(SYS_userfaultfd, O_CLOEXEC));
}

TECHNIQUE(.what = "page faults handled by the program (userfaultfd)", .hooks = "sbx_anon",
	  .event = "userfaultfd", .needs = "userfaultfd", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world.victim, 0);

	return reached(setns(fd, CLONE_NEWUTS));
}

TECHNIQUE(.what = "the same by its pidfd", .hooks = "sbx_ptrace sbx_capable",
	  .event = "ptrace|namespace", .harmless = true);

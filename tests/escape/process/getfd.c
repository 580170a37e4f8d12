// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world.victim, 0);

	return opened(syscall(SYS_pidfd_getfd, fd, world.victim_fd, 0));
}

TECHNIQUE(.what = "the same by pidfd_getfd", .hooks = "sbx_ptrace", .event = "ptrace",
	  .harmless = true);

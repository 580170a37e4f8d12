// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world.launcher, 0);

	return opened(syscall(SYS_pidfd_getfd, fd, 2, 0));
}

TECHNIQUE(.what = "a descriptor of the launcher by pidfd_getfd", .hooks = "sbx_ptrace",
	  .event = "ptrace|self_protect", .harmless = true);

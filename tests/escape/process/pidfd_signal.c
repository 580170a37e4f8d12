// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = (int)syscall(SYS_pidfd_open, world.victim, 0);

	return reached(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

TECHNIQUE(.what = "a signal through a pidfd", .hooks = "sbx_kill", .event = "signal_outside",
	  .harmless = true);

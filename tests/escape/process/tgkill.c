// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_tgkill, world.victim, world.victim, SIGUSR1));
}

TECHNIQUE(.what = "a signal to one thread", .hooks = "sbx_kill", .event = "signal_outside",
	  .harmless = true);

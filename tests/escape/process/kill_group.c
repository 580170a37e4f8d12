// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(kill(-world.victim, SIGUSR1));
}

TECHNIQUE(.what = "a signal to its process group", .hooks = "sbx_kill", .event = "signal_outside",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(kill(world.victim, 0));
}

TECHNIQUE(.what = "signal 0: does it exist?", .hooks = "sbx_kill", .event = "signal_outside",
	  .harmless = true);

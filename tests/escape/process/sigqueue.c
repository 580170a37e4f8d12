// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(sigqueue(world.victim, SIGUSR1, (union sigval){ 0 }));
}

TECHNIQUE(.what = "a signal with a value", .hooks = "sbx_kill", .event = "signal_outside",
	  .harmless = true);

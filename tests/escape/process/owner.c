// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int pipes[2];

	return pipe(pipes) ? errno : reached(fcntl(pipes[0], F_SETOWN, world.victim));
}

TECHNIQUE(.what = "a signal by way of a descriptor's owner (F_SETOWN)", .hooks = "sbx_fcntl",
	  .event = "signal_outside", .harmless = true);

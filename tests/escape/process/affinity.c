// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return reached(sched_setaffinity(world.victim, sizeof(set), &set));
}

TECHNIQUE(.what = "on which processors it runs", .hooks = "sbx_setsched", .event = "signal_outside",
	  .harmless = true);

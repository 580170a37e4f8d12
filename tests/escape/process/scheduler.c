// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	struct sched_param param = { 0 };

	return reached(sched_setscheduler(world.victim, SCHED_OTHER, &param));
}

TECHNIQUE(.what = "how it is scheduled", .hooks = "sbx_setsched", .event = "signal_outside",
	  .harmless = true);

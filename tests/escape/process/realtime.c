// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	struct sched_param param = { .sched_priority = 1 };

	return reached(sched_setscheduler(0, SCHED_FIFO, &param));
}

TECHNIQUE(.what = "real-time priority for itself, over all others", .hooks = "sbx_capable",
	  .event = "capability 23", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/resource.h>

static int attempt(void)
{
	return reached(setpriority(PRIO_PROCESS, (id_t)world.victim, 0));
}

TECHNIQUE(.what = "its priority", .hooks = "sbx_setnice", .event = "signal_outside",
	  .harmless = true);

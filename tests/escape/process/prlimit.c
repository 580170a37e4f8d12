// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/resource.h>

static int attempt(void)
{
	struct rlimit limit;

	if (prlimit(world.victim, RLIMIT_CORE, NULL, &limit))
		return errno;
	return reached(prlimit(world.victim, RLIMIT_CORE, &limit, NULL));
}

TECHNIQUE(.what = "its limits", .hooks = "sbx_setrlimit", .event = "signal_outside",
	  .harmless = true);

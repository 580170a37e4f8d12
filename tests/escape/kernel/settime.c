// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/time.h>

static int attempt(void)
{
	struct timeval now;

	return gettimeofday(&now, NULL) ? errno : reached(settimeofday(&now, NULL));
}

TECHNIQUE(.what = "the clock, set to what it shows", .hooks = "sbx_capable",
	  .event = "kernel_control|clock", .harmless = true);

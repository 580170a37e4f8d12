// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	return reached(setns(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), CLONE_NEWNET));
}

TECHNIQUE(.what = "a namespace entered again (its own)", .hooks = "sbx_capable",
	  .event = "namespace", .harmless = true);

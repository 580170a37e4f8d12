// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	return reached(unshare(CLONE_NEWCGROUP));
}

TECHNIQUE(.what = "a root of control groups of its own", .hooks = "sbx_capable",
	  .event = "namespace", .harmless = true);

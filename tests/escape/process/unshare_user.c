// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	return reached(unshare(CLONE_NEWUSER));
}

TECHNIQUE(.what = "a user namespace, in which it would be root", .hooks = "sbx_userns sbx_capable",
	  .event = "namespace", .harmless = true);

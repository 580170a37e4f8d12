// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <grp.h>

static int attempt(void)
{
	gid_t group = 12345;

	return reached(setgroups(1, &group));
}

TECHNIQUE(.what = "more groups (setgroups)", .hooks = "sbx_setgroups sbx_setgid sbx_capable",
	  .event = "setuid", .harmless = true);

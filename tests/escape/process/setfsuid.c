// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/fsuid.h>

static int attempt(void)
{
	(void)setfsuid(12345);
	return setfsuid((uid_t)-1) == 12345 ? 0 : EPERM;
}

TECHNIQUE(.what = "another user for files alone (setfsuid)", .hooks = "sbx_setuid",
	  .event = "setuid", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(setresuid((uid_t)-1, 12345, (uid_t)-1));
}

TECHNIQUE(.what = "another user for a while (setresuid)", .hooks = "sbx_setuid", .event = "setuid",
	  .harmless = true);

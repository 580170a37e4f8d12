// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(setuid(12345));
}

TECHNIQUE(.what = "another user (setuid)", .hooks = "sbx_setuid", .event = "setuid",
	  .harmless = true);

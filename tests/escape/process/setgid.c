// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(setgid(12345));
}

TECHNIQUE(.what = "another group (setgid)", .hooks = "sbx_setgid", .event = "setuid",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(chmod(look(), 0666));
}

TECHNIQUE(.what = "mode of a readable file", .hooks = "sbx_chmod", .event = "chmod",
	  .harmless = true);

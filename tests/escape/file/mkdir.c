// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(mkdir(none_new(), 0755));
}

TECHNIQUE(.what = "a folder made outside", .hooks = "sbx_mkdir", .event = "mkdir",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(rmdir(none_empty()));
}

TECHNIQUE(.what = "a folder outside removed", .hooks = "sbx_rmdir", .event = "rmdir",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(truncate(none(), 0));
}

TECHNIQUE(.what = "truncate by path", .hooks = "sbx_truncate", .event = "truncate",
	  .harmless = true);

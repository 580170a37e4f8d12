// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(unlink(none()));
}

TECHNIQUE(.what = "a file outside removed", .hooks = "sbx_unlink", .event = "unlink",
	  .harmless = true);

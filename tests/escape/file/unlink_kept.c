// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(unlink(kept()));
}

TECHNIQUE(.what = "a denied file in the allowed folder removed", .hooks = "sbx_unlink",
	  .event = "unlink", .harmless = true);

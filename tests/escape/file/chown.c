// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(chown(look(), 65534, (gid_t)-1));
}

TECHNIQUE(.what = "owner of a readable file", .hooks = "sbx_chown", .event = "chown",
	  .harmless = true);

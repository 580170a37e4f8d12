// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link(kept(), mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a hard link to a denied file beside it", .hooks = "sbx_link", .event = "link",
	  .harmless = true);

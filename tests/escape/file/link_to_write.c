// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link(look(), mine()))
		return errno;
	return open_to_write(mine());
}

TECHNIQUE(.what = "a hard link through which a readable file could be written", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

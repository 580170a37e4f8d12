// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link(none(), mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a hard link in the allowed folder to a file that no rule names",
	  .hooks = "sbx_link", .event = "link", .harmless = true);

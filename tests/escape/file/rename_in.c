// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (rename(none(), mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a file that no rule names moved into the allowed folder", .hooks = "sbx_rename",
	  .event = "rename", .harmless = true);

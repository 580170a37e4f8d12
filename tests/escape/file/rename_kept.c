// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (rename(kept(), mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a denied file given a name that is allowed", .hooks = "sbx_rename",
	  .event = "rename", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link("secrets/.env", mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "such a secret linked under another name", .hooks = "sbx_link",
	  .event = "link .env", .harmless = true);

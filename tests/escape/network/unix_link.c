// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link(below("sock/stream"), mine()))
		return errno;
	return unix_connect(SOCK_STREAM, mine());
}

TECHNIQUE(.what = "the same through a hard link", .hooks = "sbx_link", .event = "link sock/stream",
	  .harmless = true);

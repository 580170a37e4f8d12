// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (symlink(below("sock/stream"), mine()))
		return errno;
	return unix_connect(SOCK_STREAM, mine());
}

TECHNIQUE(.what = "a Unix socket through a symbolic link", .hooks = "sbx_unix_conn",
	  .event = "unix-connect sock/stream", .harmless = true);

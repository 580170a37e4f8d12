// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
		       open(below("sock/stream"), O_PATH | O_CLOEXEC));
	return unix_connect(SOCK_STREAM, path);
}

TECHNIQUE(.what = "the same through /proc/self/fd of an O_PATH descriptor",
	  .hooks = "sbx_unix_conn", .event = "unix-connect sock/stream", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return unix_connect(SOCK_STREAM, "sock/stream");
}

TECHNIQUE(.what = "a service's Unix socket", .hooks = "sbx_unix_conn",
	  .event = "unix-connect sock/stream", .harmless = true);

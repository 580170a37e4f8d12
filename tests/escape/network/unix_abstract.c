// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return unix_connect(SOCK_STREAM, "@escape-stream");
}

TECHNIQUE(.what = "an abstract Unix socket", .hooks = "sbx_unix_conn", .event = "unix-connect unix",
	  .harmless = true);

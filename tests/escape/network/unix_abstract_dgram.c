// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return unix_connect(SOCK_DGRAM, "@escape-dgram");
}

TECHNIQUE(.what = "an abstract datagram socket", .hooks = "sbx_unix_send",
	  .event = "unix-send unix", .harmless = true);

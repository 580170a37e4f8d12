// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return unix_connect(SOCK_DGRAM, "sock/dgram");
}

TECHNIQUE(.what = "a datagram socket connected", .hooks = "sbx_unix_send",
	  .event = "unix-send sock/dgram", .harmless = true);

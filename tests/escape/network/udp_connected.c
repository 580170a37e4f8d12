// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_with(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "127.0.0.1", world.port);
}

TECHNIQUE(.what = "a connected datagram socket", .hooks = "sbx_connect4 sbx_egress",
	  .event = "connect 127.0.0.1", .harmless = true);

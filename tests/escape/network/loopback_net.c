// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("127.66.66.66", world.port);
}

TECHNIQUE(.what = "another address of the loopback network",
	  .hooks = "sbx_connect4 sbx_egress sbx_ingress", .event = "connect 127.66.66.66",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("0.0.0.0", world.port);
}

TECHNIQUE(.what = "0.0.0.0, which is this host", .hooks = "sbx_connect4 sbx_egress sbx_ingress",
	  .event = "connect 127.0.0.1", .harmless = true);

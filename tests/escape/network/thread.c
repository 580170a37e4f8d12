// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int child(void)
{
	(void)setsid();
	return connect_tcp("127.0.0.1", world.port);
}

static int attempt(void)
{
	return in_child(child);
}

TECHNIQUE(.what = "TCP from a child that was left alone",
	  .hooks = "sbx_connect4 sbx_egress sbx_ingress", .event = "connect 127.0.0.1",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return send_udp("127.0.0.1", world.port);
}

TECHNIQUE(.what = "a datagram to an address (sendto)", .hooks = "sbx_sendmsg4 sbx_egress",
	  .event = "send 127.0.0.1", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return send_udp("::1", world.port);
}

TECHNIQUE(.what = "a datagram over IPv6", .hooks = "sbx_sendmsg6 sbx_egress", .event = "send ::1",
	  .needs = "IPv6", .harmless = true);

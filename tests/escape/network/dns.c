// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return send_udp("127.0.0.53", 53);
}

TECHNIQUE(.what = "a query to a resolver that no rule names", .hooks = "sbx_sendmsg4 sbx_egress",
	  .event = "send 127.0.0.53", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("::ffff:127.0.0.1", world.port);
}

TECHNIQUE(.what = "an IPv4 address written as IPv6 (::ffff:a.b.c.d)",
	  .hooks = "sbx_connect6 sbx_egress sbx_ingress", .event = "connect 127.0.0.1",
	  .needs = "IPv6", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	return socket_reached(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
}

TECHNIQUE(.what = "a raw socket of IPv6", .hooks = "sbx_socket", .event = "raw_socket",
	  .needs = "IPv6", .harmless = true);

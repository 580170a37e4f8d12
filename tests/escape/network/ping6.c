// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	return socket_reached(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
}

TECHNIQUE(.what = "an ICMPv6 datagram socket", .hooks = "sbx_socket sbx_sock_create",
	  .event = "socket", .needs = "ping_group_range", .harmless = true);

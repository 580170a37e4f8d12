// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_RAW, 6 /* NETLINK_XFRM */);
}

TECHNIQUE(.what = "rules of IPsec (netlink)", .hooks = "sbx_socket", .event = "socket netlink",
	  .needs = "IPsec", .harmless = true);

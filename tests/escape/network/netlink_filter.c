// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_RAW, 12);
}

TECHNIQUE(.what = "the firewall changed (netlink)", .hooks = "sbx_socket",
	  .event = "socket netlink", .needs = "netfilter", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_RAW, 9);
}

TECHNIQUE(.what = "the audit log steered (netlink)", .hooks = "sbx_socket",
	  .event = "socket netlink", .needs = "netlink audit", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_DGRAM, 15);
}

TECHNIQUE(.what = "events of devices forged (netlink)", .hooks = "sbx_socket",
	  .event = "socket netlink", .harmless = true);

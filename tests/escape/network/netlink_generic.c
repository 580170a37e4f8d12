// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_RAW, 16);
}

TECHNIQUE(.what = "generic netlink, with task statistics", .hooks = "sbx_socket",
	  .event = "socket netlink", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_NETLINK, SOCK_RAW, 4);
}

TECHNIQUE(.what = "the sockets of everybody (netlink sock_diag)", .hooks = "sbx_socket",
	  .event = "socket netlink", .harmless = true);

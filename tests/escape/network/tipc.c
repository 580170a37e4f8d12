// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_TIPC, SOCK_SEQPACKET, 0);
}

TECHNIQUE(.what = "TIPC", .hooks = "sbx_socket", .event = "socket", .needs = "TIPC",
	  .harmless = true);

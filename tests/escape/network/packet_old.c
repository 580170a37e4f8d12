// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>

static int attempt(void)
{
	return socket_reached(AF_INET, SOCK_PACKET, htons(3 /* ETH_P_ALL */));
}

TECHNIQUE(.what = "packets by the old name (SOCK_PACKET of AF_INET)", .hooks = "sbx_socket",
	  .event = "raw_socket", .needs = "packet sockets", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>

static int attempt(void)
{
	return socket_reached(AF_PACKET, SOCK_DGRAM, htons(3 /* ETH_P_ALL */));
}

TECHNIQUE(.what = "packets without a header (AF_PACKET, SOCK_DGRAM)", .hooks = "sbx_socket",
	  .event = "raw_socket", .needs = "packet sockets", .harmless = true);

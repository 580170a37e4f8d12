// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_INET, SOCK_DGRAM, 115 /* IPPROTO_L2TP */);
}

TECHNIQUE(.what = "L2TP over IP", .hooks = "sbx_socket sbx_sock_create",
	  .event = "socket|raw_socket", .needs = "L2TP", .harmless = true);

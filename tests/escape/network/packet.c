// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>

static int attempt(void)
{
	return socket_reached(AF_PACKET, SOCK_RAW, htons(3 /* ETH_P_ALL */));
}

TECHNIQUE(.what = "whole packets (AF_PACKET)", .hooks = "sbx_socket", .event = "raw_socket",
	  .needs = "packet sockets", .harmless = true);

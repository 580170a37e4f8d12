// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	return socket_reached(AF_INET, SOCK_DCCP, IPPROTO_DCCP);
}

TECHNIQUE(.what = "DCCP", .hooks = "sbx_socket sbx_sock_create", .event = "socket|connect",
	  .needs = "DCCP", .harmless = true);

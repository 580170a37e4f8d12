// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_XDP, SOCK_RAW, 0);
}

TECHNIQUE(.what = "packets past the network stack (AF_XDP)", .hooks = "sbx_socket",
	  .event = "socket|raw_socket", .needs = "AF_XDP", .harmless = true);

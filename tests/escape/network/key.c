// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_KEY, SOCK_RAW, 2);
}

TECHNIQUE(.what = "keys of IPsec (AF_KEY)", .hooks = "sbx_socket sbx_capable",
	  .event = "socket|raw_socket", .needs = "AF_KEY", .harmless = true);

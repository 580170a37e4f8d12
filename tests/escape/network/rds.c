// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_RDS, SOCK_SEQPACKET, 0);
}

TECHNIQUE(.what = "RDS", .hooks = "sbx_socket", .event = "socket", .needs = "RDS",
	  .harmless = true);

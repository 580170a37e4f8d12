// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(43 /* AF_SMC */, SOCK_STREAM, 0);
}

TECHNIQUE(.what = "SMC, which falls back to TCP", .hooks = "sbx_socket", .event = "socket",
	  .needs = "SMC", .harmless = true);

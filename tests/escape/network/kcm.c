// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_KCM, SOCK_DGRAM, 0);
}

TECHNIQUE(.what = "KCM", .hooks = "sbx_socket", .event = "socket", .needs = "KCM",
	  .harmless = true);

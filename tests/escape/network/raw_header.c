// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	return socket_reached(AF_INET, SOCK_RAW, IPPROTO_RAW);
}

TECHNIQUE(.what = "a raw socket with a header of its own (IPPROTO_RAW)", .hooks = "sbx_socket",
	  .event = "raw_socket", .harmless = true);

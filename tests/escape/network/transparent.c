// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int on = 1;

	return reached(setsockopt(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), IPPROTO_IP,
				  IP_TRANSPARENT, &on, sizeof(on)));
}

TECHNIQUE(.what = "a socket for addresses of others (IP_TRANSPARENT)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

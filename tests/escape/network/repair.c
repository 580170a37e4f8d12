// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static int attempt(void)
{
	int one = 1;

	return reached(setsockopt(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), IPPROTO_TCP,
				  TCP_REPAIR, &one, sizeof(one)));
}

TECHNIQUE(.what = "a connection that never was (TCP_REPAIR)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

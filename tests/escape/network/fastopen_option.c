// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		return errno;
	return connect_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "TCP connected later (TCP_FASTOPEN_CONNECT)",
	  .hooks = "sbx_connect4 sbx_egress sbx_ingress", .event = "connect 127.0.0.1",
	  .harmless = true);

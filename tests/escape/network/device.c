// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo")))
		return errno;
	return connect_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "TCP of a socket that is bound to an interface (SO_BINDTODEVICE)",
	  .hooks = "sbx_connect4 sbx_egress sbx_ingress", .event = "connect", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	return connect_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "SCTP", .hooks = "sbx_socket sbx_sock_create sbx_connect4 sbx_egress sbx_ingress",
	  .event = "socket|connect", .needs = "SCTP", .harmless = true);

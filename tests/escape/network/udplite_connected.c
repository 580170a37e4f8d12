// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
	int code = connect_with(dup(fd), "127.0.0.1", world.port);

	return code ? code : reached(send(fd, "x", 1, 0));
}

TECHNIQUE(.what = "the same, connected",
	  .hooks = "sbx_socket sbx_sock_create sbx_sock_conn sbx_egress",
	  .event = "socket|connect|packet", .needs = "UDP-Lite", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);

	return send_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "UDP-Lite", .hooks = "sbx_socket sbx_sock_create sbx_sendmsg4 sbx_egress",
	  .event = "socket|send", .needs = "UDP-Lite", .harmless = true);

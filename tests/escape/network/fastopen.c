// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", world.port, &to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return reached(
		sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, len));
}

TECHNIQUE(.what = "TCP by sendto (MSG_FASTOPEN)", .hooks = "sbx_connect4 sbx_egress sbx_ingress",
	  .event = "connect 127.0.0.1", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr let_go = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", 8080, &to);

	(void)connect(fd, (struct sockaddr *)&to, len);
	(void)connect(fd, &let_go, sizeof(let_go));
	return connect_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "a socket connected as allowed, let go, and connected elsewhere",
	  .hooks = "sbx_connect4 sbx_egress sbx_ingress", .event = "connect 127.0.0.1",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262 /* IPPROTO_MPTCP */);

	return connect_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "Multipath TCP", .hooks = "sbx_connect4 sbx_egress sbx_ingress",
	  .event = "socket|connect", .needs = "Multipath TCP", .harmless = true);

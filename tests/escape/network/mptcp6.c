// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 262 /* IPPROTO_MPTCP */);

	return connect_with(fd, "::1", world.port);
}

TECHNIQUE(.what = "Multipath TCP over IPv6", .hooks = "sbx_connect6 sbx_egress sbx_ingress",
	  .event = "connect", .needs = "Multipath TCP", .harmless = true);

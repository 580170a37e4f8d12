// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("fe80::1", world.port, &to);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	((struct sockaddr_in6 *)&to)->sin6_scope_id = 1;
	return reached(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, len));
}

TECHNIQUE(.what = "an address with a scope (fe80::1%lo)", .hooks = "sbx_sendmsg6 sbx_egress",
	  .event = "send fe80::1", .needs = "IPv6", .harmless = true);

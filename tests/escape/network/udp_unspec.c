// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", world.port, &to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.ss_family = AF_UNSPEC;
	return reached(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, len));
}

TECHNIQUE(.what = "a datagram to an address without a family (AF_UNSPEC)",
	  .hooks = "sbx_sendmsg4 sbx_egress", .event = "send 127.0.0.1", .harmless = true);

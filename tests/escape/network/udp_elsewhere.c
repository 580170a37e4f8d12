// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.9", 9, &to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&to, len))
		return ENOTCONN;
	return send_with(fd, "127.0.0.1", world.port);
}

TECHNIQUE(.what = "a datagram socket connected as allowed that sends elsewhere",
	  .hooks = "sbx_sendmsg4 sbx_egress", .event = "send 127.0.0.1", .harmless = true);

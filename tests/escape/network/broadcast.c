// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)))
		return errno;
	return send_with(fd, "127.255.255.255", world.port);
}

TECHNIQUE(.what = "all hosts of the network (broadcast)", .hooks = "sbx_sendmsg4 sbx_egress",
	  .event = "send 127.255.255.255", .harmless = true);

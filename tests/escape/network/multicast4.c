// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ip_mreqn from = { .imr_ifindex = 1 };

	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof(from)))
		return errno;
	return send_with(fd, "224.0.0.1", world.port);
}

TECHNIQUE(.what = "all hosts of the network (multicast)", .hooks = "sbx_sendmsg4 sbx_egress",
	  .event = "send 224.0.0.1", .harmless = true);

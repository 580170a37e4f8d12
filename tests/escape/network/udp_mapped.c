// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return send_with(fd, "::ffff:127.0.0.1", world.port);
}

TECHNIQUE(.what = "a datagram from an IPv6 socket to an IPv4 address",
	  .hooks = "sbx_sendmsg4 sbx_egress", .event = "send 127.0.0.1", .needs = "IPv6",
	  .harmless = true);

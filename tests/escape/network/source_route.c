// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static int attempt(void)
{
	/* RFC 791, loose source and record route: first 127.0.0.1, then 127.0.0.9. */
	unsigned char option[] = { 1, 131, 7, 4, 127, 0, 0, 1 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)))
		return errno;
	return send_with(fd, "127.0.0.9", 9);
}

TECHNIQUE(.what = "a datagram as allowed with a route by way of another address",
	  .hooks = "sbx_egress sbx_capable", .event = "kernel_control", .harmless = true);

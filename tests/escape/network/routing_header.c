// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	/* RFC 8754, two segments: last ::1, of which the second is where it goes first. */
	unsigned char header[8 + 2 * 16] = { 0, 4, 4, 1, 1 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	header[8 + 15] = 1;
	header[8 + 16 + 15] = 1;
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, header, sizeof(header)))
		return errno;
	return send_with(fd, "::1", 9);
}

TECHNIQUE(.what = "the same with a routing header of IPv6", .hooks = "sbx_egress",
	  .event = "send ::1", .needs = "IPv6 routing headers", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int one = 1;

	from.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, nobody's */
	if (setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)))
		return errno;
	return reached(bind(fd, (struct sockaddr *)&from, sizeof(from)));
}

TECHNIQUE(.what = "an address that is not the host's (IP_FREEBIND)", .hooks = "sbx_bind4",
	  .event = "bind", .harmless = true);

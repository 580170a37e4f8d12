// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static int attempt(void)
{
	struct group_req group = { .gr_interface = 1 };
	struct sockaddr_in6 *address = (struct sockaddr_in6 *)&group.gr_group;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	address->sin6_family = AF_INET6;
	(void)inet_pton(AF_INET6, "ff02::6677:8899", &address->sin6_addr);
	return reached(setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_GROUP, &group, sizeof(group)));
}

TECHNIQUE(.what = "the same over IPv6 (MLD)", .hooks = "sbx_setsockopt", .event = "listen",
	  .harmless = true);

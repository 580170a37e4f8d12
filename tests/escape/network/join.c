// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	struct ip_mreqn group = { .imr_ifindex = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	group.imr_multiaddr.s_addr = htonl(0xe00000fb); /* 224.0.0.251 */
	return reached(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
}

TECHNIQUE(.what = "a multicast group joined", .hooks = "sbx_setsockopt", .event = "listen 0.0.0.0",
	  .harmless = true);

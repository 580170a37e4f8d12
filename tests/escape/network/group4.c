// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static int attempt(void)
{
	struct ip_mreq group = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	(void)inet_pton(AF_INET, "239.66.77.88", &group.imr_multiaddr);
	return reached(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
}

TECHNIQUE(.what = "data in the name of a group that is joined (IGMP)", .hooks = "sbx_setsockopt",
	  .event = "listen", .harmless = true);

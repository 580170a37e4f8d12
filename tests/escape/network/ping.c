// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	unsigned char echo[8] = { 8 };
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", 0, &to);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0)
		return errno;
	return reached(sendto(fd, echo, sizeof(echo), 0, (struct sockaddr *)&to, len));
}

TECHNIQUE(.what = "an ICMP datagram socket",
	  .hooks = "sbx_socket sbx_sock_create sbx_sendmsg4 sbx_egress", .event = "socket|send",
	  .needs = "ping sockets (net.ipv4.ping_group_range)", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", world.port, &to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP), code;

	if (fd < 0)
		return errno;
	code = reached(setsockopt(fd, IPPROTO_SCTP, 110 /* SCTP_SOCKOPT_CONNECTX */, &to, len));
	return code == ECONNREFUSED || code == EINPROGRESS ? 0 : code;
}

TECHNIQUE(.what = "SCTP to many addresses (SCTP_SOCKOPT_CONNECTX)",
	  .hooks = "sbx_socket sbx_sock_create sbx_egress sbx_ingress", .event = "socket|connect",
	  .needs = "SCTP", .harmless = true);

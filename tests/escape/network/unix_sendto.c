// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_unix("sock/dgram", &to);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return reached(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, len));
}

TECHNIQUE(.what = "a datagram to a Unix socket", .hooks = "sbx_unix_send",
	  .event = "unix-send sock/dgram", .harmless = true);

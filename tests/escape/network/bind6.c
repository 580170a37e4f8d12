// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage at;
	socklen_t len = make_address("::1", 0, &at);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return reached(bind(fd, (struct sockaddr *)&at, len));
}

TECHNIQUE(.what = "the same over IPv6", .hooks = "sbx_bind6", .event = "bind", .needs = "IPv6",
	  .harmless = true);

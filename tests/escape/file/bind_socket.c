// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage at;
	socklen_t len = make_unix(none_new(), &at);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : reached(bind(fd, (struct sockaddr *)&at, len));
}

TECHNIQUE(.what = "a socket with a name outside", .hooks = "sbx_mknod", .event = "create",
	  .harmless = true);

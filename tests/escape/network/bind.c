// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage at;
	socklen_t len = make_address("127.0.0.1", 0, &at);

	return reached(
		bind(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&at, len));
}

TECHNIQUE(.what = "a port for others to call (bind)", .hooks = "sbx_bind4", .event = "bind",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage at;
	socklen_t len = make_address("0.0.0.0", 5353, &at);

	return reached(
		bind(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&at, len));
}

TECHNIQUE(.what = "a port for datagrams of everybody (multicast DNS)", .hooks = "sbx_bind4",
	  .event = "bind", .harmless = true);

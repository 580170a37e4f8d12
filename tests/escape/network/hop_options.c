// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

/* An empty set of options, eight bytes long: six of padding. */
static int attempt(void)
{
	static const unsigned char options[8] = { 0, 0, 1, 4 };

	return reached(setsockopt(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), IPPROTO_IPV6,
				  IPV6_HOPOPTS, options, sizeof(options)));
}

TECHNIQUE(.what = "options for every router on the way (IPV6_HOPOPTS)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

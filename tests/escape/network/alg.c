// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_ALG, SOCK_SEQPACKET, 0);
}

TECHNIQUE(.what = "the kernel's ciphers (AF_ALG)", .hooks = "sbx_socket", .event = "socket alg",
	  .needs = "AF_ALG", .harmless = true);

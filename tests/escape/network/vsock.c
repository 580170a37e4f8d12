// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return socket_reached(AF_VSOCK, SOCK_STREAM, 0);
}

TECHNIQUE(.what = "the hypervisor (AF_VSOCK)", .hooks = "sbx_socket", .event = "vsock",
	  .needs = "AF_VSOCK", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("::1", world.port);
}

TECHNIQUE(.what = "TCP over IPv6", .hooks = "sbx_connect6 sbx_egress sbx_ingress",
	  .event = "connect ::1", .needs = "IPv6", .harmless = true);

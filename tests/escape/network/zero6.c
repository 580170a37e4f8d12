// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("::", world.port);
}

TECHNIQUE(.what = "::, which is this host", .hooks = "sbx_connect6 sbx_egress sbx_ingress",
	  .event = "connect ::1", .needs = "IPv6", .harmless = true);

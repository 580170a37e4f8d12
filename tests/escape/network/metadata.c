// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_tcp("169.254.169.254", 80);
}

TECHNIQUE(.what = "the metadata service of clouds", .hooks = "sbx_connect4 sbx_egress sbx_ingress",
	  .event = "connect 169.254.169.254", .needs = "a route to 169.254.169.254",
	  .harmless = true);

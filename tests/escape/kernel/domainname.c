// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char name[65] = "";

	return getdomainname(name, sizeof(name) - 1) ? errno
						     : reached(setdomainname(name, strlen(name)));
}

TECHNIQUE(.what = "the domain's name, set to what it is", .hooks = "sbx_capable",
	  .event = "kernel_control|hostname|capability", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char name[65] = "";

	return gethostname(name, sizeof(name) - 1) ? errno
						   : reached(sethostname(name, strlen(name)));
}

TECHNIQUE(.what = "the host's name, set to what it is", .hooks = "sbx_capable",
	  .event = "kernel_control|hostname|capability", .harmless = true);

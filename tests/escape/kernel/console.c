// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/dev/console");
}

TECHNIQUE(.what = "the console", .hooks = "sbx_file_open", .event = "open /dev/console",
	  .needs = "/dev/console", .harmless = true);

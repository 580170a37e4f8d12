// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/port", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "ports (/dev/port)", .hooks = "sbx_file_open", .event = "raw_device /dev/port",
	  .needs = "/dev/port");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/uhid", O_RDWR | O_CLOEXEC));
}

TECHNIQUE(.what = "a keyboard of its own (/dev/uhid)", .hooks = "sbx_file_open",
	  .event = "open /dev/uhid", .needs = "/dev/uhid");

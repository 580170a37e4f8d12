// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/rtc0", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the clock's chip (/dev/rtc0)", .hooks = "sbx_file_open",
	  .event = "open /dev/rtc0", .needs = "/dev/rtc0");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

TECHNIQUE(.what = "the kernel's log (/dev/kmsg)", .hooks = "sbx_file_open",
	  .event = "open /dev/kmsg", .harmless = true);

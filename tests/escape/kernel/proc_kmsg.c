// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/proc/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

TECHNIQUE(.what = "the kernel's log (/proc/kmsg)", .hooks = "sbx_file_open",
	  .event = "open /proc/kmsg", .harmless = true);

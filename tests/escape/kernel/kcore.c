// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/proc/kcore", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the kernel's memory (/proc/kcore)", .hooks = "sbx_file_open",
	  .event = "open /proc/kcore", .needs = "/proc/kcore", .harmless = true);

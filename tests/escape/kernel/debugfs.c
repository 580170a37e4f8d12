// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/sys/kernel/debug", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the kernel's debug files", .hooks = "sbx_file_open",
	  .event = "open /sys/kernel/debug", .needs = "debugfs", .harmless = true);

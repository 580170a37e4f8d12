// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/sys/kernel/security", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the files of security modules", .hooks = "sbx_file_open",
	  .event = "open /sys/kernel/security", .needs = "securityfs", .harmless = true);

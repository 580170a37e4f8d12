// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/proc/keys", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the keys of everybody (/proc/keys)", .hooks = "sbx_file_open",
	  .event = "open /proc/keys", .needs = "keyrings", .harmless = true);

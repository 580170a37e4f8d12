// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", world.victim);
	return opened(open(path, O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "its command line, where secrets stand too often", .hooks = "sbx_file_open",
	  .event = "open /cmdline", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/proc/self/root%s", none());
	return read_canary(path);
}

TECHNIQUE(.what = "through /proc/self/root", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

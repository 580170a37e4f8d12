// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/proc/self/cwd/../none/%s", strrchr(none(), '/') + 1);
	return read_canary(path);
}

TECHNIQUE(.what = "through /proc/self/cwd", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

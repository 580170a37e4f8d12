// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s",
		       open(below("none"), O_PATH | O_CLOEXEC), strrchr(none(), '/') + 1);
	return read_canary(path);
}

TECHNIQUE(.what = "through a folder's entry in /proc/self/fd", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

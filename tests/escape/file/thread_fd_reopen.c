// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", open(none(), O_PATH));
	return read_canary(path);
}

TECHNIQUE(.what = "the same through /proc/thread-self", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

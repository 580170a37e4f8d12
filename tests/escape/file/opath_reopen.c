// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(none(), O_PATH | O_CLOEXEC));
	return read_canary(path);
}

TECHNIQUE(.what = "an O_PATH descriptor opened again through /proc/self/fd",
	  .hooks = "sbx_file_open", .event = "open", .harmless = true);

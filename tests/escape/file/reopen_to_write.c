// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(look(), O_RDONLY | O_CLOEXEC));
	return open_to_write(path);
}

TECHNIQUE(.what = "a descriptor for reading opened again for writing", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

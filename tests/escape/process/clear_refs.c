// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/clear_refs", world.victim);
	return open_to_write(path);
}

TECHNIQUE(.what = "its page tables reset", .hooks = "sbx_file_open", .event = "open /clear_refs",
	  .harmless = true);

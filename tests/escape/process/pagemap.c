// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/pagemap", world.victim);
	return opened(open(path, O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "where its pages lie", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "ptrace|open", .harmless = true);

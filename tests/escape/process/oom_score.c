// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", world.victim);
	return open_to_write(path);
}

TECHNIQUE(.what = "whom the kernel kills when memory is short", .hooks = "sbx_file_open",
	  .event = "open /oom_score_adj", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/self/oom_score_adj");
}

TECHNIQUE(.what = "the same of its own", .hooks = "sbx_file_open", .event = "open /oom_score_adj",
	  .harmless = true);

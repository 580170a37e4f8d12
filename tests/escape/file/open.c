// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return read_canary(none());
}

TECHNIQUE(.what = "a file that no rule names", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return read_canary(kept());
}

TECHNIQUE(.what = "a file denied within the folder that is allowed", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

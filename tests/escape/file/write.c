// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write(look());
}

TECHNIQUE(.what = "opened for writing", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

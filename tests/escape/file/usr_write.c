// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/bin/true");
}

TECHNIQUE(.what = "an installed program opened for writing", .hooks = "sbx_file_open",
	  .event = "open true", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write(world.tty);
}

TECHNIQUE(.what = "another terminal opened for writing", .hooks = "sbx_file_open",
	  .event = "open /dev/pts", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (symlink(none(), mine()))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a symbolic link of the job's own", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

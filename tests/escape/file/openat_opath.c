// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int dir = open(below("none"), O_PATH | O_CLOEXEC);

	return canary_in(openat(dir, strrchr(none(), '/') + 1, O_RDONLY));
}

TECHNIQUE(.what = "from a folder descriptor opened with O_PATH", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

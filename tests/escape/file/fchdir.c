// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (fchdir(open(below("none"), O_PATH | O_CLOEXEC)))
		return errno;
	return read_canary(strrchr(none(), '/') + 1);
}

TECHNIQUE(.what = "by fchdir to a folder opened with O_PATH", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

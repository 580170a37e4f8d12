// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/fuse", O_RDWR | O_CLOEXEC));
}

TECHNIQUE(.what = "a filesystem of its own (/dev/fuse)", .hooks = "sbx_file_open",
	  .event = "open /dev/fuse", .needs = "/dev/fuse");

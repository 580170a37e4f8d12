// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
}

TECHNIQUE(.what = "a file as a disk (/dev/loop-control)", .hooks = "sbx_file_open",
	  .event = "open /dev/loop-control", .needs = "/dev/loop-control");

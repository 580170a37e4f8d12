// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/vda", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the disk below the filesystem", .hooks = "sbx_file_open",
	  .event = "raw_device /dev/vda", .needs = "/dev/vda");

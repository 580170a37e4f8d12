// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/mem", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "physical memory (/dev/mem)", .hooks = "sbx_file_open",
	  .event = "raw_device /dev/mem", .needs = "/dev/mem");

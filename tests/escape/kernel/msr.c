// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "registers of the processor (/dev/cpu/0/msr)", .hooks = "sbx_file_open",
	  .event = "open /msr", .needs = "/dev/cpu/0/msr");

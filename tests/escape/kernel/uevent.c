// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/class/mem/null/uevent");
}

TECHNIQUE(.what = "an event of a device forged (opened only)", .hooks = "sbx_file_open",
	  .event = "kernel_control /uevent", .harmless = true);

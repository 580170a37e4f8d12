// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/power/state");
}

TECHNIQUE(.what = "the host put to sleep (opened only)", .hooks = "sbx_file_open",
	  .event = "kernel_control /power/state", .needs = "/sys/power/state", .harmless = true);

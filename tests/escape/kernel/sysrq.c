// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sysrq-trigger");
}

TECHNIQUE(.what = "the keys for emergencies (opened only)", .hooks = "sbx_file_open",
	  .event = "kernel_control /proc/sysrq-trigger", .needs = "sysrq", .harmless = true);

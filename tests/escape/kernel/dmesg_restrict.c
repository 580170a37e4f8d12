// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/kernel/dmesg_restrict");
}

TECHNIQUE(.what = "what the kernel tells everybody (dmesg_restrict)", .hooks = "sbx_file_open",
	  .event = "kernel_control /dmesg_restrict", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/kernel/modprobe");
}

TECHNIQUE(.what = "the program that the kernel runs for modules", .hooks = "sbx_file_open",
	  .event = "kernel_control /modprobe", .harmless = true);

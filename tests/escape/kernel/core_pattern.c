// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/kernel/core_pattern");
}

TECHNIQUE(.what = "the program that the kernel runs for a crash (core_pattern)",
	  .hooks = "sbx_file_open", .event = "kernel_control /core_pattern", .harmless = true);

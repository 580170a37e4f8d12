// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/kernel/uevent_helper");
}

TECHNIQUE(.what = "the program that the kernel runs for devices", .hooks = "sbx_file_open",
	  .event = "kernel_control /uevent_helper", .needs = "uevent_helper", .harmless = true);

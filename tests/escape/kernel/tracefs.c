// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/kernel/tracing/kprobe_events");
}

TECHNIQUE(.what = "probes in the kernel (kprobe_events, opened only)", .hooks = "sbx_file_open",
	  .event = "kernel_control|open /tracing", .needs = "tracefs", .harmless = true);

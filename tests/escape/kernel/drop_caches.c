// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/vm/drop_caches");
}

TECHNIQUE(.what = "the caches of everybody (drop_caches)", .hooks = "sbx_file_open",
	  .event = "kernel_control /drop_caches", .harmless = true);

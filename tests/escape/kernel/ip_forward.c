// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/net/ipv4/ip_forward");
}

TECHNIQUE(.what = "forwarding between networks (ip_forward)", .hooks = "sbx_file_open",
	  .event = "kernel_control", .harmless = true);

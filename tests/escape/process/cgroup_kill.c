// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/fs/cgroup/cgroup.subtree_control");
}

TECHNIQUE(.what = "whole control groups killed (opened only)", .hooks = "sbx_file_open",
	  .event = "cgroup", .needs = "cgroup2 at /sys/fs/cgroup", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/fs/cgroup/cgroup.procs");
}

TECHNIQUE(.what = "out of its control group (cgroup.procs)", .hooks = "sbx_file_open",
	  .event = "cgroup /cgroup.procs", .needs = "cgroup2 at /sys/fs/cgroup", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/sys/fs/cgroup/cgroup.threads");
}

TECHNIQUE(.what = "the same for one thread (cgroup.threads)", .hooks = "sbx_file_open",
	  .event = "cgroup /cgroup.threads", .needs = "cgroup2 at /sys/fs/cgroup",
	  .harmless = true);

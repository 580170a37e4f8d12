// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(mkdir("/sys/fs/cgroup/escape", 0755));

	(void)rmdir("/sys/fs/cgroup/escape");
	return code;
}

TECHNIQUE(.what = "a control group of its own", .hooks = "sbx_mkdir", .event = "cgroup");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	(void)mkdir(mine(), 0755);
	code = do_mount("cgroup", mine(), "cgroup", 0, "none,name=escape");
	(void)syscall(SYS_umount2, mine(), 2 /* MNT_DETACH */);
	return code;
}

TECHNIQUE(.what = "control groups of version 1, with their release_agent", .hooks = "sbx_mount",
	  .event = "mount", .needs = "control groups of version 1");

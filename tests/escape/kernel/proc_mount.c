// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	(void)mkdir(mine(), 0755);
	code = do_mount("proc", mine(), "proc", 0, NULL);
	(void)syscall(SYS_umount2, mine(), 2 /* MNT_DETACH */);
	return code;
}

TECHNIQUE(.what = "another procfs mounted", .hooks = "sbx_mount", .event = "mount");

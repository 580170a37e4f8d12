// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	if (mkdir(mine(), 0755))
		return errno;
	code = do_mount("escape", mine(), "tmpfs", 0, NULL);
	(void)syscall(SYS_umount2, mine(), 2 /* MNT_DETACH */);
	return code;
}

TECHNIQUE(.what = "a filesystem mounted", .hooks = "sbx_mount", .event = "mount");

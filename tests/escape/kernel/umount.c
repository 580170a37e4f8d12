// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(syscall(SYS_umount2, below("mnt"), 2 /* MNT_DETACH */));

	if (!code)
		code = do_mount("escape", below("mnt"), "tmpfs", 0, NULL);
	return code;
}

TECHNIQUE(.what = "a mount taken away", .hooks = "sbx_umount", .event = "mount");

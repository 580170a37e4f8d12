// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	(void)mkdir(mine(), 0755);
	code = reached(syscall(SYS_move_mount, AT_FDCWD, below("mnt"), AT_FDCWD, mine(), 0));
	(void)syscall(SYS_move_mount, AT_FDCWD, mine(), AT_FDCWD, below("mnt"), 0);
	return code;
}

TECHNIQUE(.what = "a mount moved (move_mount)", .hooks = "sbx_move_mount", .event = "mount");

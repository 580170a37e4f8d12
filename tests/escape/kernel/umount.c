// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_umount2, below("gone"), 2 /* MNT_DETACH */));
}

TECHNIQUE(.what = "a mount taken away", .hooks = "sbx_umount", .event = "mount");

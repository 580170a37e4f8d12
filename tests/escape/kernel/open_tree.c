// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(syscall(SYS_open_tree, AT_FDCWD, below("none"), 1 /* OPEN_TREE_CLONE */));
}

TECHNIQUE(.what = "a detached copy of a mount (open_tree)", .hooks = "sbx_capable",
	  .event = "mount");

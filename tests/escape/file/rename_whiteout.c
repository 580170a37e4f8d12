// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>

static int attempt(void)
{
	if (syscall(SYS_renameat2, AT_FDCWD, none(), AT_FDCWD, mine(), RENAME_WHITEOUT))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "renamed with a whiteout left behind (RENAME_WHITEOUT)", .hooks = "sbx_rename",
	  .event = "rename", .harmless = true);

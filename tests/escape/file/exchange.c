// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>

static int attempt(void)
{
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)close(fd);
	if (syscall(SYS_renameat2, AT_FDCWD, mine(), AT_FDCWD, kept(), RENAME_EXCHANGE))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a file of the job exchanged with a denied one (RENAME_EXCHANGE)",
	  .hooks = "sbx_rename", .event = "rename", .harmless = true);

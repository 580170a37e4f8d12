// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	int fs = (int)syscall(SYS_fspick, AT_FDCWD, below("mnt"), FSPICK_CLOEXEC);

	return fs < 0 ? errno
		      : reached(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

TECHNIQUE(.what = "a filesystem changed as a whole (fspick)", .hooks = "sbx_remount sbx_capable",
	  .event = "mount");

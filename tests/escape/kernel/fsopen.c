// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return errno;
	return opened(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0));
}

TECHNIQUE(.what = "a filesystem made without mounting it (fsopen, fsmount)", .hooks = "sbx_capable",
	  .event = "mount");

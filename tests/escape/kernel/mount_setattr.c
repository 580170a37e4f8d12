// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NODIRATIME };

	return reached(syscall(SYS_mount_setattr, AT_FDCWD, below("mnt"), 0, &attr, sizeof(attr)));
}

TECHNIQUE(.what = "flags of a mount (mount_setattr)", .hooks = "sbx_capable", .event = "mount");

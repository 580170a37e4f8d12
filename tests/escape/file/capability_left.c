// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"
#include <linux/capability.h>
#include <sys/xattr.h>

static int attempt(void)
{
	const struct vfs_cap_data all = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
					  .data = { { .permitted = ~0u } } };
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	return fd < 0 ? errno
		      : reached(fsetxattr(fd, "security.capability", &all, XATTR_CAPS_SZ_2, 0));
}

TECHNIQUE(.what = "a program left behind that gives capabilities to who starts it",
	  .hooks = "sbx_capable", .event = "setuid .", .harmless = true);

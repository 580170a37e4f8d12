// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>

static int attempt(void)
{
	int fd = open(look(), O_RDONLY | O_CLOEXEC);
	struct fsxattr attr;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &attr))
		return errno;
	return reached(ioctl(fd, FS_IOC_FSSETXATTR, &attr));
}

TECHNIQUE(.what = "file flags by FS_IOC_FSSETXATTR", .hooks = "sbx_file_ioctl", .event = "flags",
	  .needs = "file flags", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>

static int attempt(void)
{
	int fd = open(look(), O_RDONLY | O_CLOEXEC), flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		return errno;
	return reached(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

TECHNIQUE(.what = "file flags, through a descriptor for reading", .hooks = "sbx_file_ioctl",
	  .event = "flags", .needs = "file flags", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>

static int attempt(void)
{
	struct fstrim_range range = { .len = 4096 };
	int code = reached(ioctl(open(".", O_RDONLY | O_CLOEXEC), FITRIM, &range));

	return code == EOPNOTSUPP ? 0 : code; /* asked the disk, which has none of it */
}

TECHNIQUE(.what = "a whole filesystem steered (FITRIM)", .hooks = "sbx_file_ioctl sbx_capable",
	  .event = "kernel_control");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/sysmacros.h>

static int attempt(void)
{
	struct stat st;

	if (stat("/dev/vda", &st))
		return ENOSYS;
	if (mknod(mine(), S_IFBLK | 0600, st.st_rdev))
		return errno;
	return opened(open(mine(), O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the disk by a node of its own", .hooks = "sbx_mknod sbx_file_open",
	  .event = "raw_device", .needs = "/dev/vda");

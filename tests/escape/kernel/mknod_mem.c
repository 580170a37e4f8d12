// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/sysmacros.h>

static int attempt(void)
{
	if (access("/dev/mem", F_OK))
		return ENOSYS;
	if (mknod(mine(), S_IFCHR | 0600, makedev(1, 1)))
		return errno;
	return opened(open(mine(), O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "physical memory by a node of its own", .hooks = "sbx_mknod sbx_file_open",
	  .event = "mknod|raw_device", .needs = "/dev/mem");

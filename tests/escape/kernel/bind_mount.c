// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	int code;

	if (mkdir(mine(), 0755))
		return errno;
	code = do_mount(below("none"), mine(), NULL, MS_BIND, NULL);
	if (!code)
		code = read_canary(below("work/kernel.bind_mount/kernel.bind_mount"));
	(void)syscall(SYS_umount2, mine(), 2 /* MNT_DETACH */);
	return code;
}

TECHNIQUE(.what = "a folder outside mounted where everything is allowed", .hooks = "sbx_mount",
	  .event = "mount");

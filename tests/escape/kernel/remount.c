// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	return do_mount(NULL, below("mnt"), NULL, MS_REMOUNT | MS_BIND | MS_NOATIME, NULL);
}

TECHNIQUE(.what = "a mount changed (MS_REMOUNT)", .hooks = "sbx_mount", .event = "mount");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/mount.h>

static int attempt(void)
{
	return do_mount(NULL, below("mnt"), NULL, MS_PRIVATE, NULL);
}

TECHNIQUE(.what = "a mount's propagation changed", .hooks = "sbx_mount", .event = "mount");

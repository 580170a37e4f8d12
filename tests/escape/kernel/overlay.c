// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char options[512];
	int code;

	(void)mkdir(mine(), 0755);
	(void)mkdir("overlay-upper", 0755);
	(void)mkdir("overlay-work", 0755);
	(void)snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s",
		       below("none"), below("work/overlay-upper"), below("work/overlay-work"));
	code = do_mount("overlay", mine(), "overlay", 0, options);
	(void)syscall(SYS_umount2, mine(), 2 /* MNT_DETACH */);
	return code;
}

TECHNIQUE(.what = "a folder outside as the lower layer of an overlay", .hooks = "sbx_mount",
	  .event = "mount", .needs = "overlayfs");

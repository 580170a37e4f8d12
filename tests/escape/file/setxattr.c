// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/xattr.h>

static int attempt(void)
{
	return reached(setxattr(look(), "user.new", "x", 1, 0));
}

TECHNIQUE(.what = "an extended attribute set", .hooks = "sbx_setxattr", .event = "xattr",
	  .needs = "extended attributes", .harmless = true);

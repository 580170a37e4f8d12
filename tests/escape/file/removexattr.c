// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/xattr.h>

static int attempt(void)
{
	return reached(removexattr(none(), "user.canary"));
}

TECHNIQUE(.what = "an extended attribute removed", .hooks = "sbx_rmxattr", .event = "xattr",
	  .harmless = true);

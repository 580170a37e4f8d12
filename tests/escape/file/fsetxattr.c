// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/xattr.h>

static int attempt(void)
{
	return reached(fsetxattr(open(look(), O_RDONLY | O_CLOEXEC), "user.new", "x", 1, 0));
}

TECHNIQUE(.what = "the same through a descriptor for reading", .hooks = "sbx_setxattr",
	  .event = "xattr", .harmless = true);

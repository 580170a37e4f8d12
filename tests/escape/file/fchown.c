// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(fchown(open(look(), O_RDONLY | O_CLOEXEC), 65534, (gid_t)-1));
}

TECHNIQUE(.what = "owner, through a descriptor for reading", .hooks = "sbx_chown", .event = "chown",
	  .harmless = true);

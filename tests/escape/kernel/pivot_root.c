// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(syscall(SYS_pivot_root, below("none"), below("none")));

	return code == EBUSY || code == EINVAL ? 0 : code; /* looked at: it is no mount */
}

TECHNIQUE(.what = "another root for everybody (pivot_root)", .hooks = "sbx_pivot_root",
	  .event = "mount");

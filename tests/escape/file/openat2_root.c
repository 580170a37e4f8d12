// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/openat2.h>

static int attempt(void)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int dir = open(below("none"), O_PATH | O_CLOEXEC);

	return canary_in(
		(int)syscall(SYS_openat2, dir, strrchr(none(), '/') + 1, &how, sizeof(how)));
}

TECHNIQUE(.what = "openat2 with another root (RESOLVE_IN_ROOT)", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (link(look(), mine()))
		return errno;
	return run_program((char *const[]){ (char *)(uintptr_t)mine(), NULL }, NULL);
}

TECHNIQUE(.what = "through a hard link where executing is allowed", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (rename(look(), mine()))
		return errno;
	return run_program((char *const[]){ (char *)(uintptr_t)mine(), NULL }, NULL);
}

TECHNIQUE(.what = "moved to where executing is allowed", .hooks = "sbx_rename", .event = "rename",
	  .harmless = true);

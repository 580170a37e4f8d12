// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (symlink(look(), mine()))
		return errno;
	return run_program((char *const[]){ (char *)(uintptr_t)mine(), NULL }, NULL);
}

TECHNIQUE(.what = "through a symbolic link of the job's own", .hooks = "sbx_file_open",
	  .event = "exec", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(look(), O_PATH));
	return run_program((char *const[]){ path, NULL }, NULL);
}

TECHNIQUE(.what = "through /proc/self/fd", .hooks = "sbx_file_open", .event = "exec",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return run_fd(open(look(), O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "execveat of a descriptor for reading", .hooks = "sbx_file_open", .event = "exec",
	  .harmless = true);

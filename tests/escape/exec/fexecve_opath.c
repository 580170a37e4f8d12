// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return run_fd(open(look(), O_PATH | O_CLOEXEC));
}

TECHNIQUE(.what = "execveat of an O_PATH descriptor", .hooks = "sbx_file_open", .event = "exec",
	  .harmless = true);

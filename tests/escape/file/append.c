// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(look(), O_WRONLY | O_APPEND | O_CLOEXEC));
}

TECHNIQUE(.what = "opened for appending only", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

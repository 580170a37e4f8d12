// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(none(), O_WRONLY | O_TRUNC | O_CLOEXEC));
}

TECHNIQUE(.what = "emptied by opening it", .hooks = "sbx_file_open sbx_truncate sbx_ftruncate",
	  .event = "open|truncate", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(none_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "a folder outside listed", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

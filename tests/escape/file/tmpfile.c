// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(none_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644));
}

TECHNIQUE(.what = "an unnamed file (O_TMPFILE) in a folder outside", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

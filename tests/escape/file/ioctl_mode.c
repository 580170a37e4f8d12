// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(none(), O_ACCMODE | O_CLOEXEC));
}

TECHNIQUE(.what = "access mode 3, which is for ioctl alone", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the home folder of root", .hooks = "sbx_file_open", .event = "open /root",
	  .harmless = true);

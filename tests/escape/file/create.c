// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(none_new(), O_WRONLY | O_CREAT | O_EXCL, 0644));
}

TECHNIQUE(.what = "a new file in a folder outside", .hooks = "sbx_mknod sbx_file_open",
	  .event = "create|open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(mknod(none_new(), S_IFREG | 0644, 0));
}

TECHNIQUE(.what = "a regular file made by mknod", .hooks = "sbx_mknod", .event = "create",
	  .harmless = true);

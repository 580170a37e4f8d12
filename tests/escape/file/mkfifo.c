// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(mkfifo(none_new(), 0644));
}

TECHNIQUE(.what = "a pipe with a name outside", .hooks = "sbx_mknod", .event = "create",
	  .harmless = true);

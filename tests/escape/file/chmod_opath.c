// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(none(), O_PATH | O_CLOEXEC));
	return reached(chmod(path, 0666));
}

TECHNIQUE(.what = "mode, through /proc/self/fd of an O_PATH descriptor", .hooks = "sbx_chmod",
	  .event = "chmod", .harmless = true);

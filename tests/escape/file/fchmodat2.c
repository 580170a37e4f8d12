// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(none(), O_PATH | O_CLOEXEC);

	return reached(syscall(452 /* fchmodat2 */, fd, "", 0666, AT_EMPTY_PATH));
}

TECHNIQUE(.what = "mode, by fchmodat2 of an O_PATH descriptor", .hooks = "sbx_chmod",
	  .event = "chmod", .needs = "fchmodat2 (Linux 6.6)", .harmless = true);

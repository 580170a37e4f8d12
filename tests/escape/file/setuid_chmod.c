// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	return fd < 0 ? errno : reached(fchmod(fd, 04755));
}

TECHNIQUE(.what = "a set-user-ID program left behind (chmod)", .hooks = "sbx_chmod",
	  .event = "setuid", .harmless = true);

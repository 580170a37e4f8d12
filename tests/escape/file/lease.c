// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(look(), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : reached(fcntl(fd, F_SETLEASE, F_WRLCK));
}

TECHNIQUE(.what = "everybody who opens a readable file made to wait (F_SETLEASE)",
	  .hooks = "sbx_fcntl", .event = "lease", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? errno : reached(ioctl(fd, 0x5437 /* TIOCVHANGUP */));
}

TECHNIQUE(.what = "a terminal hung up (TIOCVHANGUP)", .hooks = "sbx_file_ioctl sbx_capable",
	  .event = "tty_inject", .harmless = true);

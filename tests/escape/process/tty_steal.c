// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;

	if (fd < 0)
		return errno;
	if (fork())
		return wait(&status) < 0 ? errno : WEXITSTATUS(status);
	(void)setsid();
	_exit(reached(ioctl(fd, TIOCSCTTY, 1)));
}

TECHNIQUE(.what = "a terminal taken from its session (TIOCSCTTY)", .hooks = "sbx_file_ioctl",
	  .event = "tty_inject", .harmless = true);

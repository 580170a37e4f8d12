// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <asm/sockios.h>

static int attempt(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return reached(ioctl(fd, FIOSETOWN, &world.victim));
}

TECHNIQUE(.what = "the same by FIOSETOWN", .hooks = "sbx_file_ioctl", .event = "signal_outside",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

/* The first binding is everybody's right; another one is what undoes a binding made by root. */
static int attempt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
		return errno;
	return reached(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 1));
}

TECHNIQUE(.what = "a socket taken off its interface (SO_BINDTODEVICE)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <net/if.h>

static int attempt(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return errno;
	return reached(ioctl(fd, SIOCSIFFLAGS, &request));
}

TECHNIQUE(.what = "an interface's flags, as they are (SIOCSIFFLAGS)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

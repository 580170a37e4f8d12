// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
}

TECHNIQUE(.what = "an interface of its own (/dev/net/tun)", .hooks = "sbx_file_open",
	  .event = "open /net/tun", .needs = "/dev/net/tun");

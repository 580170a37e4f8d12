// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the passwords of this host", .hooks = "sbx_file_open",
	  .event = "open /etc/shadow", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_unshare, 0x80 /* CLONE_NEWTIME */));
}

TECHNIQUE(.what = "clocks of its own", .hooks = "sbx_capable", .event = "namespace",
	  .harmless = true);

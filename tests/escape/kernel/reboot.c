// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/reboot.h>

static int attempt(void)
{
	return reached(reboot(RB_DISABLE_CAD));
}

TECHNIQUE(.what = "the host restarted (only what its keys do)", .hooks = "sbx_capable",
	  .event = "kernel_control|reboot");

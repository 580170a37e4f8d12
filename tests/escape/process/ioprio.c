// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_ioprio_set, 1, world.victim, 4 << 13 >> 1));
}

TECHNIQUE(.what = "its priority at disks", .hooks = "sbx_setioprio", .event = "signal_outside",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(kill(world.launcher, 0));
}

TECHNIQUE(.what = "a signal to the launcher of the job (signal 0)", .hooks = "sbx_kill",
	  .event = "signal_outside|self_protect", .harmless = true);

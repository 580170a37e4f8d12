// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct f_owner_ex owner = { .type = F_OWNER_PID, .pid = world.victim };
	int pipes[2];

	return pipe(pipes) ? errno : reached(fcntl(pipes[0], F_SETOWN_EX, &owner));
}

TECHNIQUE(.what = "the same by F_SETOWN_EX", .hooks = "sbx_fcntl", .event = "signal_outside",
	  .harmless = true);

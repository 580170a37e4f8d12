// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/msg.h>

static int attempt(void)
{
	struct {
		long type;
		char text[1];
	} message = { .type = 1 };

	return reached(msgsnd(msgget(world.key, 0), &message, 1, IPC_NOWAIT));
}

TECHNIQUE(.what = "a System V message to a process outside", .hooks = "sbx_ipc_perm",
	  .event = "ipc_outside .", .harmless = true);

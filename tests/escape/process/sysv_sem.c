// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/sem.h>

static int attempt(void)
{
	return reached(semctl(semget(world.key, 0, 0), 0, GETVAL));
}

TECHNIQUE(.what = "System V semaphores of a process outside", .hooks = "sbx_ipc_perm",
	  .event = "ipc_outside .", .harmless = true);

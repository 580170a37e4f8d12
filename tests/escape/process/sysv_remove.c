// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/sem.h>

static int attempt(void)
{
	int id = semget(world.key, 0, 0);
	struct semid_ds set;

	if (semctl(id, 0, IPC_STAT, &set))
		return errno;
	return reached(semctl(id, 0, IPC_SET, &set));
}

TECHNIQUE(.what = "System V semaphores of a process outside removed",
	  .hooks = "sbx_ipc_perm sbx_semctl", .event = "ipc_outside .");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/shm.h>

static int attempt(void)
{
	int id = shmget(world.key, 0, 0);
	void *at = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY); /* NOLINT: shmat's own */

	if (at == (void *)-1) /* NOLINT: shmat's own */
		return errno;
	return strcmp(at, CANARY) ? EBADMSG : 0;
}

TECHNIQUE(.what = "System V memory of a process outside", .hooks = "sbx_ipc_perm",
	  .event = "ipc_outside .", .harmless = true);

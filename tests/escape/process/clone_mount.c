// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(0);
	return reached(pid);
}

TECHNIQUE(.what = "a child with mounts of its own (clone)", .hooks = "sbx_task_alloc",
	  .event = "namespace", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(0);
	return reached(pid);
}

TECHNIQUE(.what = "a child in a user namespace (clone)", .hooks = "sbx_userns",
	  .event = "namespace", .harmless = true);

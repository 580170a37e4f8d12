// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/sched.h>

static int attempt(void)
{
	struct clone_args args = { .flags = CLONE_NEWNET, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid)
		_exit(0);
	return reached(pid);
}

TECHNIQUE(.what = "a child with a network of its own (clone3)", .hooks = "sbx_task_alloc",
	  .event = "namespace", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/sched.h>

static int attempt(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid)
		_exit(0);
	return reached(pid);
}

TECHNIQUE(.what = "the same by clone3", .hooks = "sbx_userns", .event = "namespace",
	  .harmless = true);

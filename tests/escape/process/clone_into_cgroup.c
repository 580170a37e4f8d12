// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/sched.h>

static int attempt(void)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int dir = open("/sys/fs/cgroup", O_PATH | O_CLOEXEC);
	long pid;

	args.cgroup = (__u64)dir;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	return reached(pid);
}

TECHNIQUE(.what = "a child in another control group (CLONE_INTO_CGROUP)", .hooks = "sbx_task_alloc",
	  .event = "cgroup", .needs = "cgroup2 at /sys/fs/cgroup", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fs.h>
#include <sched.h>

static void swap_for_ever(const char *good)
{
	(void)unlink("race-a");
	(void)unlink("race-b");
	if (open(good, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0 || symlink(good, "race-a") ||
	    symlink(none(), "race-b"))
		_exit(1);
	for (;;) {
		(void)syscall(SYS_renameat2, AT_FDCWD, "race-a", AT_FDCWD, "race-b",
			      RENAME_EXCHANGE);
		(void)sched_yield();
	}
}

static int attempt(void)
{
	const char *good = mine();
	int code = EACCES;
	pid_t pid = fork();

	if (!pid)
		swap_for_ever(good);
	for (int i = 0; i < 3000 && code; i++) {
		code = read_canary("race-a");
		(void)sched_yield();
	}
	(void)kill(pid, SIGKILL);
	return code == EBADMSG ? EACCES : code;
}

TECHNIQUE(.what = "a link swapped between a good and a denied file while it is opened",
	  .hooks = "sbx_file_open", .event = "open", .harmless = true);

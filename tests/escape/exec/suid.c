// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char *const argv[] = { (char *)(uintptr_t)mine(), (char[]){ "play" },
			       (char[]){ "is-nobody" }, NULL };
	int fd = open(mine(), O_RDWR | O_CREAT | O_CLOEXEC, 0755);

	if (fd < 0 || copy_to(fd, "/proc/self/exe") || fchown(fd, 65534, 65534) ||
	    fchmod(fd, 04755))
		return errno;
	(void)close(fd);
	return run_program(argv, NULL);
}

TECHNIQUE(.what = "a set-user-ID program of another user", .hooks = "(no_new_privs)");

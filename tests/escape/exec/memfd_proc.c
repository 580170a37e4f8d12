// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];
	int fd = memfd_create("escape", 0);

	if (copy_to(fd, "/bin/true"))
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	return run_program((char *const[]){ path, NULL }, NULL);
}

TECHNIQUE(.what = "the same through /proc/self/fd", .hooks = "sbx_file_open",
	  .event = "fileless_exec .", .harmless = true);

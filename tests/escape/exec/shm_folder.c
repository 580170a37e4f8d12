// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];
	int fd, code;

	(void)snprintf(path, sizeof(path), "/dev/shm/escape.%d", getpid());
	fd = copy_program(path);
	if (fd < 0)
		return errno;
	(void)close(fd);
	code = run_program((char *const[]){ path, NULL }, NULL);
	(void)unlink(path);
	return code;
}

TECHNIQUE(.what = "a program put into /dev/shm", .hooks = "sbx_mknod sbx_file_open",
	  .event = "create|open|exec /dev/shm", .harmless = true);

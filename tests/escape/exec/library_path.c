// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd;

	if (mkdir(mine(), 0755))
		return errno;
	fd = open(below("work/exec.library_path/libc.so.6"), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (fd < 0 || copy_to(fd, library("libc.so.6")))
		return errno;
	(void)close(fd);
	return preloaded("LD_LIBRARY_PATH", mine(), "exec.library_path");
}

TECHNIQUE(.what = "a library of the job's own in place of libc (LD_LIBRARY_PATH)",
	  .hooks = "sbx_preload", .event = "preload .", .harmless = true);

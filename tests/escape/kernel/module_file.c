// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(mine(), O_RDWR | O_CREAT | O_CLOEXEC, 0644), code;

	if (fd < 0 || write(fd, "\177ELF", 4) != 4)
		return errno;
	(void)close(fd);
	code = reached(syscall(SYS_finit_module, open(mine(), O_RDONLY | O_CLOEXEC), "", 0));
	return code == ENOEXEC ? 0 : code; /* the kernel has read it */
}

TECHNIQUE(.what = "a kernel module from a file (finit_module)", .hooks = "sbx_read_file",
	  .event = "module");

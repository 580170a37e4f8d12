// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = memfd_create("escape", MFD_CLOEXEC), code;
	char path[64];

	if (fd < 0 || write(fd, "\177ELF", 4) != 4)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	code = reached(syscall(SYS_finit_module, open(path, O_RDONLY), "", 0));
	return code == ENOEXEC ? 0 : code; /* the kernel has read it */
}

TECHNIQUE(.what = "a kernel module from memory by descriptor", .hooks = "sbx_read_file",
	  .event = "module");

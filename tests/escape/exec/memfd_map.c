// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = memfd_create("escape", MFD_CLOEXEC);
	void *at;

	if (copy_to(fd, "/bin/true"))
		return errno;
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return at == MAP_FAILED ? errno : 0;
}

TECHNIQUE(.what = "code in memory mapped for execution", .hooks = "sbx_mmap_file",
	  .event = "fileless_exec .", .harmless = true);

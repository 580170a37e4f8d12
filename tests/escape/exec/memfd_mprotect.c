// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = memfd_create("escape", MFD_CLOEXEC);
	void *at;

	if (copy_to(fd, "/bin/true"))
		return errno;
	at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	return at == MAP_FAILED ? errno : reached(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

TECHNIQUE(.what = "code in memory made executable", .hooks = "sbx_mprotect",
	  .event = "fileless_exec .", .harmless = true);

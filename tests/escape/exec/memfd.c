// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = memfd_create("escape", MFD_CLOEXEC);

	return copy_to(fd, "/bin/true") ? errno : run_fd(fd);
}

TECHNIQUE(.what = "a program in memory (memfd_create)", .hooks = "sbx_file_open",
	  .event = "fileless_exec .", .harmless = true);

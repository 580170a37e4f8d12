// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", world.victim);
	return opened(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "its current folder (/proc/PID/cwd)", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "ptrace|open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", world.victim, world.victim_fd);
	return read_canary(path);
}

TECHNIQUE(.what = "a file that it has open (/proc/PID/fd)", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "ptrace|open", .harmless = true);

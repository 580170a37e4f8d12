// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/root%s", world.victim, none());
	return read_canary(path);
}

TECHNIQUE(.what = "a file through its root (/proc/PID/root)", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "ptrace|open", .harmless = true);

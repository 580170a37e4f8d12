// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/uts", world.victim);
	return reached(setns(open(path, O_RDONLY | O_CLOEXEC), CLONE_NEWUTS));
}

TECHNIQUE(.what = "its namespaces entered through /proc/PID/ns", .hooks = "sbx_ptrace sbx_capable",
	  .event = "ptrace|namespace|open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/ptrace.h>

static int attempt(void)
{
	if (ptrace(PTRACE_SEIZE, world.victim, NULL, NULL))
		return errno;
	(void)ptrace(PTRACE_INTERRUPT, world.victim, NULL, NULL);
	(void)waitpid(world.victim, NULL, __WALL);
	return reached(ptrace(PTRACE_DETACH, world.victim, NULL, NULL));
}

TECHNIQUE(.what = "the same by PTRACE_SEIZE", .hooks = "sbx_ptrace", .event = "ptrace",
	  .harmless = true);

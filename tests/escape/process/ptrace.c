// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/ptrace.h>

static int attempt(void)
{
	if (ptrace(PTRACE_ATTACH, world.victim, NULL, NULL))
		return errno;
	(void)waitpid(world.victim, NULL, __WALL);
	return reached(ptrace(PTRACE_DETACH, world.victim, NULL, NULL));
}

TECHNIQUE(.what = "a process outside traced (PTRACE_ATTACH)", .hooks = "sbx_ptrace",
	  .event = "ptrace", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	unsigned long nodes = 1;

	return reached(syscall(SYS_migrate_pages, world.victim, 2UL, &nodes, &nodes));
}

TECHNIQUE(.what = "its pages moved to another node", .hooks = "sbx_ptrace sbx_movememory",
	  .event = "ptrace|signal_outside", .needs = "memory nodes (NUMA)", .harmless = true);

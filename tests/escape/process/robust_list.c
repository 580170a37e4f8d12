// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *head;
	size_t len;

	return reached(syscall(SYS_get_robust_list, world.victim, &head, &len));
}

TECHNIQUE(.what = "an address in it (get_robust_list)", .hooks = "sbx_ptrace", .event = "ptrace",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sched.h>

static int child(void *code)
{
	*(int *)code = read_canary(none());
	return 0;
}

static int attempt(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int code = EPROTO;

	if (clone(child, stack + sizeof(stack), CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD,
		  &code) < 0)
		return errno;
	return code;
}

TECHNIQUE(.what = "from a child that shares memory and descriptors", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct {
		__u32 size, policy;
		__u64 flags;
		__s32 nice;
		__u32 priority;
		__u64 runtime, deadline, period;
	} attr = { .size = sizeof(attr) };

	return reached(syscall(SYS_sched_setattr, world.victim, &attr, 0));
}

TECHNIQUE(.what = "the same by sched_setattr", .hooks = "sbx_setsched", .event = "signal_outside",
	  .harmless = true);

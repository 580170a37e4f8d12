// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/perf_event.h>

static int attempt(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK };

	return opened(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

TECHNIQUE(.what = "a performance counter", .hooks = "sbx_perf", .event = "perf", .harmless = true);

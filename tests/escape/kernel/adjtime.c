// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/timex.h>

static int attempt(void)
{
	struct timex change = { .modes = 0x2000 /* ADJ_NANO: as it is */ };

	return reached(syscall(SYS_clock_adjtime, 0 /* CLOCK_REALTIME */, &change));
}

TECHNIQUE(.what = "the speed of the clock (clock_adjtime)", .hooks = "sbx_capable",
	  .event = "kernel_control|clock");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/klog.h>

static int attempt(void)
{
	return reached(klogctl(8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, NULL, 5));
}

TECHNIQUE(.what = "the kernel's messages kept from the console (syslog)", .hooks = "sbx_syslog",
	  .event = "syslog");

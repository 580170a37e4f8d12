// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/klog.h>

static int attempt(void)
{
	char text[64];

	return reached(klogctl(3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof(text)));
}

TECHNIQUE(.what = "the kernel's log (syslog)", .hooks = "sbx_syslog", .event = "syslog",
	  .harmless = true);

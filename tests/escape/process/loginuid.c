// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/self/loginuid");
}

TECHNIQUE(.what = "whom the audit log names", .hooks = "sbx_file_open", .event = "open /loginuid",
	  .needs = "audit", .harmless = true);

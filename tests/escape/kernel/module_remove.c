// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(syscall(SYS_delete_module, "no_such_module_of_escape", O_NONBLOCK));

	return code == ENOENT ? 0 : code; /* it would have been */
}

TECHNIQUE(.what = "a kernel module taken out (delete_module)", .hooks = "sbx_capable",
	  .event = "module|capability", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(symlink("/etc/shadow", none_new()));
}

TECHNIQUE(.what = "a symbolic link planted outside", .hooks = "sbx_symlink", .event = "symlink",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 04755));
}

TECHNIQUE(.what = "a set-user-ID program left behind, made as one", .hooks = "sbx_mknod",
	  .event = "setuid", .harmless = true);

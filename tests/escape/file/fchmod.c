// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(fchmod(open(look(), O_RDONLY | O_CLOEXEC), 0666));
}

TECHNIQUE(.what = "mode, through a descriptor for reading", .hooks = "sbx_chmod", .event = "chmod",
	  .harmless = true);

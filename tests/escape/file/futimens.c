// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(futimens(open(look(), O_RDONLY | O_CLOEXEC),
				(struct timespec[2]){ { 1, 0 }, { 1, 0 } }));
}

TECHNIQUE(.what = "times, through a descriptor for reading", .hooks = "sbx_setattr sbx_setattr_2",
	  .event = "utimes", .harmless = true);

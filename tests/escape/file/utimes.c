// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(utimensat(AT_FDCWD, look(), (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0));
}

TECHNIQUE(.what = "times of a readable file", .hooks = "sbx_setattr sbx_setattr_2",
	  .event = "utimes", .harmless = true);

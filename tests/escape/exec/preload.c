// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return preloaded("LD_PRELOAD", library("libm.so.6"), "libm.so");
}

TECHNIQUE(.what = "another library put before a program's own (LD_PRELOAD)", .hooks = "sbx_preload",
	  .event = "preload .", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	/* It is no such library, and the loader says so, once it has tried. */
	return preloaded("LD_AUDIT", library("libm.so.6"), "audit interface");
}

TECHNIQUE(.what = "a library that watches the loader (LD_AUDIT)", .hooks = "sbx_preload",
	  .event = "preload .", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(chroot("."));
}

TECHNIQUE(.what = "another root directory", .hooks = "sbx_chroot", .event = "chroot",
	  .harmless = true);

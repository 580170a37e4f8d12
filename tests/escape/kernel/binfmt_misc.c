// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return open_to_write("/proc/sys/fs/binfmt_misc/register");
}

TECHNIQUE(.what = "a program for all files of a kind (binfmt_misc)", .hooks = "sbx_file_open",
	  .event = "kernel_control", .needs = "binfmt_misc", .harmless = true);

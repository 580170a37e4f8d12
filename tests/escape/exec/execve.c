// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return run_program((char *const[]){ (char *)(uintptr_t)look(), NULL }, NULL);
}

TECHNIQUE(.what = "a program that may only be read", .hooks = "sbx_file_open", .event = "exec",
	  .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return run_program((char *const[]){ (char *)(uintptr_t)kept(), NULL }, NULL);
}

TECHNIQUE(.what = "a program denied within the allowed folder", .hooks = "sbx_file_open",
	  .event = "exec", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

/* git then reads its settings, and so which programs it runs, in that folder. */
static int attempt(void)
{
	return opened(open(".git/commondir", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

TECHNIQUE(.what = "the folder's repository led to another one (.git/commondir)",
	  .hooks = "sbx_mknod sbx_file_open", .event = "create|open commondir", .harmless = true);

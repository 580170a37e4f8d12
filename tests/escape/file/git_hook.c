// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(".git/hooks/post-commit", O_WRONLY | O_CREAT | O_EXCL, 0755));
}

TECHNIQUE(.what = "a hook planted in the folder's repository", .hooks = "sbx_mknod sbx_file_open",
	  .event = "create|open hooks/post-commit", .harmless = true);

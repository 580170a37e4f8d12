// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)close(fd);
	return reached(rename(mine(), none()));
}

TECHNIQUE(.what = "a file outside replaced by one of the job", .hooks = "sbx_rename",
	  .event = "rename", .harmless = true);

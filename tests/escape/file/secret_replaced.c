// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = creat(mine(), 0644);

	/* the same text, for the techniques that look for it later */
	if (fd < 0 || write(fd, CANARY, strlen(CANARY)) < 0)
		return errno;
	(void)close(fd);
	return reached(rename(mine(), "secrets/.env"));
}

TECHNIQUE(.what = "such a secret replaced by a file of the job (rename)", .hooks = "sbx_rename",
	  .event = "rename secrets/.env", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)close(fd);
	return reached(link(mine(), none_new()));
}

TECHNIQUE(.what = "a hard link of the job's own file in a folder outside", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

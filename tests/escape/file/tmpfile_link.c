// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno;
	return reached(linkat(fd, "", AT_FDCWD, none_new(), AT_EMPTY_PATH));
}

TECHNIQUE(.what = "an unnamed file (O_TMPFILE) given a name outside", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

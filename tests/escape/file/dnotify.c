// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open(none_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? errno : reached(fcntl(fd, F_NOTIFY, DN_CREATE));
}

TECHNIQUE(.what = "changes in a folder outside watched (dnotify)",
	  .hooks = "sbx_file_open sbx_notify", .event = "open|watch", .needs = "dnotify",
	  .harmless = true);

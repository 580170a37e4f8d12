// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/fanotify.h>

static int attempt(void)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);

	if (fd < 0)
		return errno;
	return reached(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, none()));
}

TECHNIQUE(.what = "opens of a file outside watched, with a descriptor for each (fanotify)",
	  .hooks = "sbx_notify sbx_capable", .event = "capability 21", .needs = "fanotify",
	  .harmless = true);

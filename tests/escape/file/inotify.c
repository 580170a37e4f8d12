// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/inotify.h>

static int attempt(void)
{
	return reached(inotify_add_watch(inotify_init1(IN_CLOEXEC), none_dir(), IN_ALL_EVENTS));
}

TECHNIQUE(.what = "changes in a folder outside watched (inotify)", .hooks = "sbx_notify",
	  .event = "watch", .harmless = true);

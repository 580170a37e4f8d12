// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", open(none(), O_PATH | O_CLOEXEC));
	if (linkat(AT_FDCWD, path, AT_FDCWD, mine(), AT_SYMLINK_FOLLOW))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a hard link from /proc/self/fd (AT_SYMLINK_FOLLOW)", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

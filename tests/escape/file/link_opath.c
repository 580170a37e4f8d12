// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	if (linkat(open(none(), O_PATH | O_CLOEXEC), "", AT_FDCWD, mine(), AT_EMPTY_PATH))
		return errno;
	return read_canary(mine());
}

TECHNIQUE(.what = "a hard link from an O_PATH descriptor (AT_EMPTY_PATH)", .hooks = "sbx_link",
	  .event = "link", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char name[64], to[64] = "";

	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "chain%d", i);
		if (symlink(*to ? to : "../none", name) && errno != EEXIST)
			return errno;
		(void)snprintf(to, sizeof(to), "%s", name);
	}
	return read_canary(below("work/chain19/%s", strrchr(none(), '/') + 1));
}

TECHNIQUE(.what = "a chain of symbolic links to a folder", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

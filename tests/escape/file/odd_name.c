// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

/* Every byte that a name may hold. */
static int attempt(void)
{
	char name[256];
	const char *path;
	int n = 0, code;

	for (int byte = 1; byte < 256; byte++) {
		if (byte != '/')
			name[n++] = (char)byte;
	}
	name[n] = '\0';
	path = below("none/%s", name);
	code = opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	if (!code)
		(void)unlink(path);
	return code;
}

TECHNIQUE(.what = "made outside under a name of every byte", .hooks = "sbx_mknod sbx_file_open",
	  .event = "create .", .harmless = true);

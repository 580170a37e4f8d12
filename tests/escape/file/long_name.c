// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char name[256];
	const char *path;
	int code;

	memset(name, 'n', 255);
	name[255] = '\0';
	path = below("none/%s", name);
	code = opened(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	if (!code)
		(void)unlink(path);
	return code;
}

TECHNIQUE(.what = "made outside under the longest name that there is",
	  .hooks = "sbx_mknod sbx_file_open", .event = "create /none/nnn", .harmless = true);

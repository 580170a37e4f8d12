// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#define LEVELS 300

/* Deeper than any walk goes, in the job's own folder. */
static int attempt(void)
{
	int levels = 0, code = 0;

	if (mkdir(mine(), 0700) || chdir(mine()))
		return errno;
	while (!code && levels < LEVELS) {
		code = reached(mkdir("d", 0700));
		if (!code)
			code = reached(chdir("d"));
		levels += !code;
	}
	if (!code)
		code = opened(open("f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	while (levels--) {
		(void)unlink("f");
		if (chdir("..") || rmdir("d"))
			break;
	}
	return code;
}

TECHNIQUE(.what = "deeper than 255 folders, where a path cannot be judged",
	  .hooks = "sbx_mkdir sbx_mknod sbx_file_open", .event = "mkdir .", .harmless = true);

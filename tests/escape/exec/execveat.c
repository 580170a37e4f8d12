// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/limits.h>

static int child(void)
{
	char *const argv[] = { (char[]){ "program" }, NULL };
	char *const env[] = { NULL };

	(void)execveat(open(below("look"), O_PATH | O_CLOEXEC), strrchr(look(), '/') + 1, argv, env,
		       0);
	return errno;
}

static int attempt(void)
{
	int code = in_child(child);

	return code == EPROTO ? 0 : code; /* the program ended without telling a result */
}

TECHNIQUE(.what = "execveat from a folder opened with O_PATH", .hooks = "sbx_file_open",
	  .event = "exec", .harmless = true);

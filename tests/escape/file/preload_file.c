// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = opened(open("/etc/ld.so.preload", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));

	(void)unlink("/etc/ld.so.preload");
	return code;
}

TECHNIQUE(.what = "/etc/ld.so.preload, which every program would load",
	  .hooks = "sbx_mknod sbx_file_open", .event = "create|open ld.so.preload");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	static const char text[] = "const";
	int fd = open("/proc/self/mem", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : reached(pwrite(fd, "x", 1, (off_t)(uintptr_t)text));
}

TECHNIQUE(.what = "read-only code of its own changed through /proc/self/mem",
	  .hooks = "sbx_file_open", .event = "proc_mem", .needs = "writing what is read-only",
	  .harmless = true);

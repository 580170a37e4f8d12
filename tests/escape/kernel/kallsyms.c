// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/proc/kallsyms", O_RDONLY | O_CLOEXEC));
}

TECHNIQUE(.what = "the kernel's addresses (/proc/kallsyms)", .hooks = "sbx_file_open",
	  .event = "open /proc/kallsyms", .needs = "/proc/kallsyms", .harmless = true);

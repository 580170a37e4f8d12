// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED,
			open(look(), O_RDONLY | O_CLOEXEC), 0);

	return at == MAP_FAILED ? errno : 0;
}

TECHNIQUE(.what = "mapped for execution, shared", .hooks = "sbx_mmap_file", .event = "map-exec",
	  .harmless = true);

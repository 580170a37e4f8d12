// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(look(), O_RDONLY | O_CLOEXEC), 0);

	return at == MAP_FAILED ? errno : reached(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

TECHNIQUE(.what = "mapped for reading, then made executable", .hooks = "sbx_mprotect",
	  .event = "map-exec", .harmless = true);

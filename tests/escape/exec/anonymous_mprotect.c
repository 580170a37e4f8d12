// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? errno : reached(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

TECHNIQUE(.what = "anonymous memory made executable after it was written", .hooks = "sbx_mprotect",
	  .event = "anon_exec .", .harmless = true);

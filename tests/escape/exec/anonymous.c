// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	return at == MAP_FAILED ? errno : 0;
}

TECHNIQUE(.what = "anonymous memory, writable and executable", .hooks = "sbx_mmap_file",
	  .event = "anon_exec .", .harmless = true);

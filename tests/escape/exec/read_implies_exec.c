// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/personality.h>

static int attempt(void)
{
	void *at;

	if (personality(READ_IMPLIES_EXEC) < 0)
		return errno;
	at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(look(), O_RDONLY | O_CLOEXEC), 0);
	return at == MAP_FAILED ? errno : 0;
}

TECHNIQUE(.what = "mapped for reading under a personality where that means executing",
	  .hooks = "sbx_mmap_file", .event = "map-exec", .harmless = true);

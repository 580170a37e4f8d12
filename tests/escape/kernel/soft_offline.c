// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int code = at == MAP_FAILED ? errno : reached(madvise(at, 4096, 101));

	return code;
}

TECHNIQUE(.what = "a page of memory taken from the host (MADV_SOFT_OFFLINE)",
	  .hooks = "sbx_capable", .event = "kernel_control|capability",
	  .needs = "MADV_SOFT_OFFLINE");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = memfd_create("escape", MFD_CLOEXEC | MFD_HUGETLB);
	void *at = fd < 0 ? MAP_FAILED
			  : mmap(NULL, 2 << 20, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_NORESERVE,
				 fd, 0);

	return at == MAP_FAILED ? errno : 0;
}

TECHNIQUE(.what = "code in a memfd of huge pages mapped for execution", .hooks = "sbx_mmap_file",
	  .event = "fileless_exec|map-exec .", .needs = "huge pages", .harmless = true);

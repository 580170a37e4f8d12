// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/swap.h>

static int attempt(void)
{
	static char page[4096];
	int fd = open(mine(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), code;

	*(unsigned int *)(void *)(page + 1024) = 1;  /* version */
	*(unsigned int *)(void *)(page + 1028) = 15; /* last page */
	memcpy(page + 4086, "SWAPSPACE2", 10);
	if (fd < 0 || write(fd, page, sizeof(page)) != sizeof(page))
		return errno;
	memset(page, 0, sizeof(page));
	for (int i = 0; i < 15; i++) {
		if (write(fd, page, sizeof(page)) != sizeof(page))
			return errno;
	}
	(void)fsync(fd);
	code = reached(swapon(mine(), 0));
	(void)swapoff(mine());
	return code;
}

TECHNIQUE(.what = "others' memory written to a file of the job (swapon)", .hooks = "sbx_capable",
	  .event = "kernel_control|swap|capability", .needs = "swap");

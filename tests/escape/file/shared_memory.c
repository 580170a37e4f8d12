// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the shared memory of everybody", .hooks = "sbx_file_open",
	  .event = "open /dev/shm", .harmless = true);

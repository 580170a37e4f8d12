// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int in = open(none(), O_RDONLY | O_CLOEXEC);
	int out = open(mine(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (in < 0 || out < 0 || copy_file_range(in, NULL, out, NULL, sizeof(CANARY) - 1, 0) < 0)
		return errno;
	(void)close(in);
	(void)lseek(out, 0, SEEK_SET);
	return canary_in(out);
}

TECHNIQUE(.what = "copied by the kernel (copy_file_range)", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

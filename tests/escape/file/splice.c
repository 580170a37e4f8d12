// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int in = open(none(), O_RDONLY | O_CLOEXEC), pipes[2];

	if (in < 0 || pipe2(pipes, O_CLOEXEC) ||
	    splice(in, NULL, pipes[1], NULL, sizeof(CANARY) - 1, 0) < 0)
		return errno;
	(void)close(in);
	return canary_in(pipes[0]);
}

TECHNIQUE(.what = "moved into a pipe by the kernel (splice)", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct {
		char room[256];
	} params = { { 0 } };

	return opened(syscall(SYS_io_uring_setup, 1, &params));
}

TECHNIQUE(.what = "io_uring as such", .hooks = "sbx_anon", .event = "io_uring", .needs = "io_uring",
	  .harmless = true);

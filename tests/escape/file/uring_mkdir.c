// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_MKDIRAT,
				    .fd = AT_FDCWD,
				    .len = 0755,
				    .addr = (__u64)(uintptr_t)none_new() };

	return -uring(&sqe);
}

TECHNIQUE(.what = "a folder made by io_uring", .hooks = "sbx_mkdir sbx_anon",
	  .event = "mkdir|io_uring", .harmless = true);

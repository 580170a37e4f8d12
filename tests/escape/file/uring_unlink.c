// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_UNLINKAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none() };

	return -uring(&sqe);
}

TECHNIQUE(.what = "removed by io_uring", .hooks = "sbx_unlink sbx_anon", .event = "unlink|io_uring",
	  .harmless = true);

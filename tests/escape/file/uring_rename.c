// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_RENAMEAT,
				    .fd = AT_FDCWD,
				    .len = (__u32)AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none(),
				    .addr2 = (__u64)(uintptr_t)mine() };

	return -uring(&sqe);
}

TECHNIQUE(.what = "renamed by io_uring", .hooks = "sbx_rename sbx_anon", .event = "rename|io_uring",
	  .harmless = true);

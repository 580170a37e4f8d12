// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_LINKAT,
				    .fd = AT_FDCWD,
				    .len = (__u32)AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none(),
				    .addr2 = (__u64)(uintptr_t)mine() };
	int code = -uring(&sqe);

	return code ? code : read_canary(mine());
}

TECHNIQUE(.what = "linked by io_uring", .hooks = "sbx_link sbx_anon", .event = "link|io_uring",
	  .harmless = true);

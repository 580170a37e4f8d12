// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SETXATTR,
				    .len = 1,
				    .addr = (__u64)(uintptr_t) "user.new",
				    .addr2 = (__u64)(uintptr_t) "x",
				    .addr3 = (__u64)(uintptr_t)look() };

	return -uring(&sqe);
}

TECHNIQUE(.what = "an extended attribute set by io_uring", .hooks = "sbx_setxattr sbx_anon",
	  .event = "xattr|io_uring", .harmless = true);

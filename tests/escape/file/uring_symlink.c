// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SYMLINKAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64)(uintptr_t) "/etc/shadow",
				    .addr2 = (__u64)(uintptr_t)none_new() };

	return -uring(&sqe);
}

TECHNIQUE(.what = "a symbolic link made by io_uring", .hooks = "sbx_symlink sbx_anon",
	  .event = "symlink|io_uring", .harmless = true);

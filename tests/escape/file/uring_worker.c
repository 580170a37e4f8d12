// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .flags = IOSQE_ASYNC,
				    .fd = AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none() };
	int fd = uring(&sqe);

	return fd < 0 ? -fd : canary_in(fd);
}

TECHNIQUE(.what = "opened by a worker thread of io_uring", .hooks = "sbx_file_open sbx_anon",
	  .event = "open|io_uring", .harmless = true);

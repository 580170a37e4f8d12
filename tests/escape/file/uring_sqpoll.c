// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none() };
	int fd = uring_with(IORING_SETUP_SQPOLL, &sqe);

	return fd < 0 ? -fd : canary_in(fd);
}

TECHNIQUE(.what = "opened by io_uring's polling thread", .hooks = "sbx_file_open sbx_anon",
	  .event = "open|io_uring", .harmless = true);

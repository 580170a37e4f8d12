// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>
#include <linux/openat2.h>

static int attempt(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT2,
				    .fd = AT_FDCWD,
				    .addr = (__u64)(uintptr_t)none(),
				    .len = sizeof(how),
				    .off = (__u64)(uintptr_t)&how };
	int fd = uring(&sqe);

	return fd < 0 ? -fd : canary_in(fd);
}

TECHNIQUE(.what = "openat2 by io_uring", .hooks = "sbx_file_open sbx_anon",
	  .event = "open|io_uring", .harmless = true);

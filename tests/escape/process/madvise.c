// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/uio.h>

static int attempt(void)
{
	struct iovec part = { .iov_base = (void *)(world.place & ~4095UL), /* NOLINT: over there */
			      .iov_len = 4096 };
	int fd = (int)syscall(SYS_pidfd_open, world.victim, 0);

	return reached(syscall(SYS_process_madvise, fd, &part, 1, 20 /* MADV_COLD */, 0));
}

TECHNIQUE(.what = "its pages put aside (process_madvise)", .hooks = "sbx_ptrace", .event = "ptrace",
	  .harmless = true);

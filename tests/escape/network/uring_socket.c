// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>
#include <netinet/in.h>

static int attempt(void)
{
	struct io_uring_sqe sqe = { .opcode = 45 /* IORING_OP_SOCKET */,
				    .fd = AF_INET,
				    .off = SOCK_RAW,
				    .len = IPPROTO_ICMP };
	int result = uring(&sqe);

	return result < 0 ? -result : 0;
}

TECHNIQUE(.what = "a raw socket made by io_uring", .hooks = "sbx_socket sbx_anon sbx_capable",
	  .event = "raw_socket|io_uring", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct sockaddr_storage to;
	socklen_t len = make_address("127.0.0.1", world.port, &to);
	struct io_uring_sqe sqe = { .opcode = IORING_OP_CONNECT,
				    .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				    .off = len,
				    .addr = (__u64)(uintptr_t)&to };

	return -uring(&sqe);
}

TECHNIQUE(.what = "TCP by io_uring", .hooks = "sbx_connect4 sbx_egress sbx_anon sbx_ingress",
	  .event = "connect|io_uring", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/io_uring.h>

static int attempt(void)
{
	struct sockaddr_storage to;
	struct iovec part = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct msghdr message = { .msg_name = &to, .msg_iov = &part, .msg_iovlen = 1 };
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SENDMSG,
				    .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
				    .len = 1,
				    .addr = (__u64)(uintptr_t)&message };
	int result;

	message.msg_namelen = make_address("127.0.0.1", world.port, &to);
	result = uring(&sqe);
	return result < 0 ? -result : 0;
}

TECHNIQUE(.what = "a datagram by io_uring", .hooks = "sbx_sendmsg4 sbx_egress sbx_anon",
	  .event = "send|io_uring", .harmless = true);

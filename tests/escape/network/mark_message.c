// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <netinet/in.h>

/* To where the policy lets it send, so that the mark alone is in question. */
static int attempt(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SO_MARK } };
	struct iovec part = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct sockaddr_storage at;
	struct msghdr message = { .msg_name = &at,
				  .msg_namelen = make_address("127.0.0.9", 9, &at),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int mark = 1;

	memcpy(CMSG_DATA(&control.head), &mark, sizeof(mark));
	return reached(sendmsg(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), &message, 0));
}

TECHNIQUE(.what = "a single packet marked for another route (SO_MARK by sendmsg)",
	  .hooks = "sbx_capable", .event = "kernel_control", .harmless = true);

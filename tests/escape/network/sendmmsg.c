// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct sockaddr_storage to[2];
	struct iovec part = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct mmsghdr messages[2] = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), n;

	for (int i = 0; i < 2; i++) {
		messages[i].msg_hdr.msg_namelen =
			make_address(i ? "127.0.0.1" : "127.0.0.9", i ? world.port : 9, &to[i]);
		messages[i].msg_hdr.msg_name = &to[i];
		messages[i].msg_hdr.msg_iov = &part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = sendmmsg(fd, messages, 2, MSG_NOSIGNAL);
	return n == 2 ? 0 : n == 1 ? EACCES : errno;
}

TECHNIQUE(.what = "many datagrams at once, the first as allowed (sendmmsg)",
	  .hooks = "sbx_sendmsg4 sbx_egress", .event = "send 127.0.0.1", .harmless = true);

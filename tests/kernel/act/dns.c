// SPDX-License-Identifier: GPL-2.0-only
/* Acts that ask DNS servers, well and badly.  One second is enough for any answer here. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "act.h"

#define WAIT_MS 1000
#define SOL_UDP_ 17
#define UDP_SEGMENT_ 103

struct query {
	unsigned char bytes[600];
	size_t len;
};

static void put(struct query *q, unsigned int byte)
{
	q->bytes[q->len++] = (unsigned char)byte;
}

/* A plain question; the id is as good as any. */
static void make_query(const char *name, const char *type, struct query *q)
{
	static const unsigned char head[] = { 0x42, 0x42, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

	memcpy(q->bytes, head, sizeof(head));
	q->len = sizeof(head);
	while (*name) {
		size_t len = strcspn(name, ".");

		put(q, (unsigned int)len);
		memcpy(q->bytes + q->len, name, len);
		q->len += len;
		name += len + (name[len] == '.');
	}
	put(q, 0);
	put(q, 0);
	put(q, (unsigned int)atoi(type));
	put(q, 0);
	put(q, 1);
}

static int open_to(const char *server, int type, int *ret_fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int one = 1, code;

	if (fd < 0)
		return errno;
	(void)inet_pton(AF_INET, server, &at.sin_addr);
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	code = act_errno(connect(fd, (struct sockaddr *)&at, sizeof(at)));
	if (code)
		(void)close(fd);
	else
		*ret_fd = fd;
	return code;
}

static int wait_answer(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	unsigned char room[4096];

	if (poll(&poller, 1, WAIT_MS) <= 0)
		return ETIMEDOUT;
	return recv(fd, room, sizeof(room), 0) > 0 ? 0 : errno ? errno : ECONNRESET;
}

/* Sends, waits for `answers` of them, and closes. */
static int exchange(int fd, const void *bytes, size_t len, int answers)
{
	int code = act_errno(send(fd, bytes, len, MSG_NOSIGNAL));

	while (!code && answers-- > 0)
		code = wait_answer(fd);
	(void)close(fd);
	return code;
}

static int ask(char **argv, int answers, const char *tail)
{
	struct query q;
	int fd = -1, code = open_to(argv[0], SOCK_DGRAM, &fd);

	if (code)
		return code;
	make_query(argv[1], argv[2], &q);
	memcpy(q.bytes + q.len, tail, strlen(tail));
	return exchange(fd, q.bytes, q.len + strlen(tail), answers);
}

static int do_ask(int argc, char **argv)
{
	(void)argc;
	return ask(argv, 1, "");
}

static int do_ask_twice(int argc, char **argv)
{
	(void)argc;
	return ask(argv, 2, "");
}

static int do_ask_tail(int argc, char **argv)
{
	(void)argc;
	return ask(argv, 1, "tail");
}

/* Two datagrams in one send: the second begins in the middle of the first's question. */
static int do_ask_segments(int argc, char **argv)
{
	struct query q;
	int fd = -1, size = 20, code = open_to(argv[0], SOCK_DGRAM, &fd);

	(void)argc;
	if (code)
		return code;
	make_query(argv[1], argv[2], &q);
	code = act_errno(setsockopt(fd, SOL_UDP_, UDP_SEGMENT_, &size, sizeof(size)));
	if (code) {
		(void)close(fd);
		return code;
	}
	return exchange(fd, q.bytes, q.len, 1);
}

/* Asked from one socket, expected on another that has its port: only the first was judged. */
static int do_ask_other_socket(int argc, char **argv)
{
	struct query q;
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	int fd = -1, other = -1, one = 1, code = open_to(argv[0], SOCK_DGRAM, &fd);

	(void)argc;
	if (code)
		return code;
	make_query(argv[1], argv[2], &q);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	code = act_errno(getsockname(fd, (struct sockaddr *)&own, &len));
	if (!code)
		code = act_errno(send(fd, q.bytes, q.len, MSG_NOSIGNAL));
	(void)close(fd);
	other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!code)
		code = act_errno(bind(other, (struct sockaddr *)&own, len));
	if (!code)
		code = wait_answer(other);
	(void)close(other);
	return code;
}

/* Length and message, sent `first` bytes and then the rest. */
static int tcp_ask(char **argv, size_t first, int copies)
{
	unsigned char bytes[1300];
	struct query q;
	size_t len = 0;
	int fd = -1, code = open_to(argv[0], SOCK_STREAM, &fd);

	if (code)
		return code;
	make_query(argv[1], argv[2], &q);
	for (int i = 0; i < copies; i++) {
		bytes[len] = 0;
		bytes[len + 1] = (unsigned char)q.len;
		memcpy(bytes + len + 2, q.bytes, q.len);
		len += q.len + 2;
	}
	if (!first)
		return exchange(fd, bytes, len, 1);
	code = act_errno(send(fd, bytes, first, MSG_NOSIGNAL));
	if (!code)
		return exchange(fd, bytes + first, len - first, 1);
	(void)close(fd);
	return code;
}

static int do_tcp_ask(int argc, char **argv)
{
	(void)argc;
	return tcp_ask(argv, 0, 1);
}

static int do_tcp_ask_two(int argc, char **argv)
{
	(void)argc;
	return tcp_ask(argv, 0, 2);
}

static int do_tcp_ask_split(int argc, char **argv)
{
	(void)argc;
	return tcp_ask(argv, 20, 1);
}

const struct act dns_acts[] = {
	{ "dns", 3, do_ask },
	{ "dns-twice", 3, do_ask_twice },
	{ "dns-tail", 3, do_ask_tail },
	{ "dns-segments", 3, do_ask_segments },
	{ "dns-other-socket", 3, do_ask_other_socket },
	{ "dns-tcp", 3, do_tcp_ask },
	{ "dns-tcp-two", 3, do_tcp_ask_two },
	{ "dns-tcp-split", 3, do_tcp_ask_split },
	{ NULL, 0, NULL },
};

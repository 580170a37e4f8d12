// SPDX-License-Identifier: GPL-2.0-only
/* Acts on sockets. Two seconds are enough for any answer on a loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "act.h"

#define WAIT_MS 2000
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct word {
	const char *word;
	int value;
	int type;
};

static const struct word families[] = {
	{ "inet", AF_INET, 0 },	      { "inet6", AF_INET6, 0 },	  { "unix", AF_UNIX, 0 },
	{ "netlink", AF_NETLINK, 0 }, { "packet", AF_PACKET, 0 }, { "vsock", AF_VSOCK, 0 },
	{ "alg", AF_ALG, 0 },	      { "xdp", AF_XDP, 0 },	  { NULL, 0, 0 },
};

static const struct word types[] = {
	{ "stream", SOCK_STREAM, 0 },
	{ "dgram", SOCK_DGRAM, 0 },
	{ "raw", SOCK_RAW, 0 },
	{ "seqpacket", SOCK_SEQPACKET, 0 },
	{ NULL, 0, 0 },
};

static const struct word protocols[] = {
	{ "tcp", IPPROTO_TCP, SOCK_STREAM },
	{ "udp", IPPROTO_UDP, SOCK_DGRAM },
	{ "mptcp", IPPROTO_MPTCP, SOCK_STREAM },
	{ "sctp", IPPROTO_SCTP, SOCK_STREAM },
	{ "udplite", IPPROTO_UDPLITE, SOCK_DGRAM },
	{ "icmp", IPPROTO_ICMP, SOCK_DGRAM },
	{ NULL, 0, 0 },
};

static const struct word *find_word(const struct word *words, const char *word)
{
	for (; words->word; words++) {
		if (!strcmp(words->word, word))
			return words;
	}
	return NULL;
}

static int value_of(const struct word *words, const char *word)
{
	const struct word *found = find_word(words, word);

	return found ? found->value : atoi(word);
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un unix_;
};

static socklen_t parse_address(const char *text, const char *port, union address *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((uint16_t)atoi(port));
		return sizeof(out->v4);
	}
	if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)atoi(port));
		return sizeof(out->v6);
	}
	return 0;
}

/* A path, or @NAME for the abstract namespace. */
static socklen_t parse_unix(const char *name, union address *out)
{
	size_t len = strlen(name);

	memset(out, 0, sizeof(*out));
	out->unix_.sun_family = AF_UNIX;
	if (len >= sizeof(out->unix_.sun_path))
		return 0;
	memcpy(out->unix_.sun_path, name, len);
	if (*name == '@')
		out->unix_.sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*name != '@'));
}

static int make_socket(int family, const char *name)
{
	const struct word *word = find_word(protocols, name);

	if (!word) {
		errno = EINVAL;
		return -1;
	}
	return socket(family, word->type | SOCK_CLOEXEC, word->value);
}

static int connect_wait(int fd, const union address *address, socklen_t len)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int code = 0;

	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!connect(fd, &address->any, len))
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (poll(&poller, 1, WAIT_MS) <= 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) ? errno : code;
}

static int connect_to(char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int fd = make_socket(address.any.sa_family, argv[0]);
	int code;

	if (fd < 0)
		return errno;
	code = connect_wait(fd, &address, len);
	(void)close(fd);
	return code;
}

static int do_connect(int argc, char **argv)
{
	int code = connect_to(argv);

	(void)argc;
	return code == ECONNREFUSED ? 0 : code;
}

static int do_connect_refused(int argc, char **argv)
{
	(void)argc;
	return connect_to(argv);
}

static int do_connect_scope(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	address.v6.sin6_scope_id = (uint32_t)atoi(argv[2]);
	code = connect_wait(fd, &address, len);
	(void)close(fd);
	return code;
}

static int do_connect_unspec(int argc, char **argv)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int fd = make_socket(address.any.sa_family, argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = connect_wait(fd, &address, len);
	if (!code)
		code = act_errno(connect(fd, &none, sizeof(none)));
	(void)close(fd);
	return code;
}

static int do_fastopen(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = make_socket(address.any.sa_family, "tcp");
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	code = act_errno(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &address.any, len));
	(void)close(fd);
	return code == EINPROGRESS ? 0 : code;
}

static int do_send(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int fd = make_socket(address.any.sa_family, argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(sendto(fd, "x", 1, MSG_NOSIGNAL, &address.any, len));
	(void)close(fd);
	return code;
}

/* A datagram with a route (RFC 791, loose source): it would go to HOP first, not to ADDR. */
static int do_send_route(int argc, char **argv)
{
	unsigned char option[] = { 1, 131, 7, 4, 0, 0, 0, 0 };
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = make_socket(address.any.sa_family, "udp");
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	if (inet_pton(AF_INET, argv[2], option + 4) != 1)
		return EINVAL;
	code = act_errno(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, option, sizeof(option)));
	if (!code)
		code = act_errno(sendto(fd, "x", 1, MSG_NOSIGNAL, &address.any, len));
	(void)close(fd);
	return code;
}

static int do_sendmmsg(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = make_socket(address.any.sa_family, "udp");
	struct iovec part = { .iov_base = "x", .iov_len = 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_name = &address,
						.msg_namelen = len,
						.msg_iov = &part,
						.msg_iovlen = 1 } };
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(sendmmsg(fd, &message, 1, MSG_NOSIGNAL));
	(void)close(fd);
	return code;
}

static int do_sendmsg(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = make_socket(address.any.sa_family, "udp");
	struct iovec part = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &address, .msg_namelen = len, .msg_iov = &part, .msg_iovlen = 1
	};
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(sendmsg(fd, &message, MSG_NOSIGNAL));
	(void)close(fd);
	return code;
}

static int do_connect_send(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int fd = make_socket(address.any.sa_family, argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = connect_wait(fd, &address, len);
	if (!code)
		code = act_errno(send(fd, "x", 1, MSG_NOSIGNAL));
	(void)close(fd);
	return code;
}

static int bind_to(char **argv, int *ret_fd)
{
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int fd = make_socket(address.any.sa_family, argv[0]);
	int one = 1;

	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &address.any, len)) {
		int code = errno;

		(void)close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

static int do_bind(int argc, char **argv)
{
	int fd = -1;
	int code = bind_to(argv, &fd);

	(void)argc;
	return code ? code : act_close(fd);
}

static int do_listen(int argc, char **argv)
{
	char *words[] = { "tcp", argv[0], argv[1] };
	int fd = -1;
	int code = bind_to(words, &fd);

	(void)argc;
	if (code)
		return code;
	code = act_errno(listen(fd, 1));
	(void)close(fd);
	return code;
}

static int do_listen_unbound(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code;

	(void)argc;
	(void)argv;
	if (fd < 0)
		return errno;
	code = act_errno(listen(fd, 1));
	(void)close(fd);
	return code;
}

static int do_accept(int argc, char **argv)
{
	char *words[] = { "tcp", argv[0], argv[1] };
	int fd = -1;
	int code = bind_to(words, &fd);

	(void)argc;
	if (code)
		return code;
	code = act_errno(listen(fd, 1));
	if (!code)
		code = connect_to(words);
	if (!code)
		code = act_close(accept(fd, NULL, NULL));
	(void)close(fd);
	return code;
}

static int do_uring_connect(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = make_socket(address.any.sa_family, "tcp");
	struct io_uring_sqe sqe = { .opcode = IORING_OP_CONNECT,
				    .fd = fd,
				    .off = len,
				    .addr = (__u64)(uintptr_t)&address };
	int result;

	(void)argc;
	if (fd < 0)
		return errno;
	result = act_uring(&sqe);
	(void)close(fd);
	return result == -ECONNREFUSED ? 0 : -result;
}

static int do_socket(int argc, char **argv)
{
	(void)argc;
	return act_close(socket(value_of(families, argv[0]),
				value_of(types, argv[1]) | SOCK_CLOEXEC,
				value_of(protocols, argv[2])));
}

/* Made now, used by acts that follow. */
static int do_socket_hold(int argc, char **argv)
{
	int fd = socket(value_of(families, argv[1]), value_of(types, argv[2]) | SOCK_CLOEXEC,
			value_of(protocols, argv[3]));
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(dup2(fd, atoi(argv[0])));
	(void)close(fd);
	return code;
}

static int do_fd_connect(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[1], argv[2], &address);
	int code = connect_wait(atoi(argv[0]), &address, len);

	(void)argc;
	return code == ECONNREFUSED ? 0 : code;
}

static int do_socketpair(int argc, char **argv)
{
	int fds[2];

	(void)argc;
	if (socketpair(value_of(families, argv[0]), value_of(types, argv[1]) | SOCK_CLOEXEC,
		       value_of(protocols, argv[2]), fds))
		return errno;
	(void)close(fds[0]);
	return act_close(fds[1]);
}

static int do_netlink(int argc, char **argv)
{
	(void)argc;
	return act_close(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, atoi(argv[0])));
}

static int do_unix_connect(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_unix(argv[1], &address);
	int fd = socket(AF_UNIX, value_of(types, argv[0]) | SOCK_CLOEXEC, 0);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(connect(fd, &address.any, len));
	(void)close(fd);
	return code;
}

static int do_unix_send(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_unix(argv[0], &address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(sendto(fd, "x", 1, MSG_NOSIGNAL, &address.any, len));
	(void)close(fd);
	return code;
}

static int unix_listen(const char *type, const char *name, int *ret_fd)
{
	union address address;
	socklen_t len = parse_unix(name, &address);
	int fd = socket(AF_UNIX, value_of(types, type), 0);
	int code;

	if (fd < 0)
		return errno;
	code = act_errno(bind(fd, &address.any, len));
	if (!code && strcmp(type, "dgram"))
		code = act_errno(listen(fd, 8));
	if (code)
		(void)close(fd);
	else
		*ret_fd = fd;
	return code;
}

static int do_unix_bind(int argc, char **argv)
{
	int fd = -1;
	int code = unix_listen(argv[0], argv[1], &fd);

	(void)argc;
	return code ? code : act_close(fd);
}

static int do_unix_listen(int argc, char **argv)
{
	int fd = -1;
	int code = unix_listen(argv[1], argv[2], &fd);

	(void)argc;
	if (code)
		return code;
	code = act_errno(dup2(fd, atoi(argv[0])));
	(void)close(fd);
	return code;
}

static int do_unix_self(int argc, char **argv)
{
	int fd = -1;
	int code = unix_listen(argv[0], argv[1], &fd);

	if (code)
		return code;
	if (strcmp(argv[0], "dgram"))
		code = do_unix_connect(argc, argv);
	else
		code = do_unix_send(argc - 1, argv + 1);
	(void)close(fd);
	return code;
}

const struct act net_acts[] = {
	{ "socket", 3, do_socket },
	{ "socket-hold", 4, do_socket_hold },
	{ "socketpair", 3, do_socketpair },
	{ "connect", 3, do_connect },
	{ "connect-refused", 3, do_connect_refused },
	{ "connect-scope", 3, do_connect_scope },
	{ "connect-unspec", 3, do_connect_unspec },
	{ "connect-send", 3, do_connect_send },
	{ "fd-connect", 3, do_fd_connect },
	{ "fastopen", 2, do_fastopen },
	{ "send", 3, do_send },
	{ "send-route", 3, do_send_route },
	{ "sendmsg", 2, do_sendmsg },
	{ "sendmmsg", 2, do_sendmmsg },
	{ "bind", 3, do_bind },
	{ "listen", 2, do_listen },
	{ "listen-unbound", 0, do_listen_unbound },
	{ "accept", 2, do_accept },
	{ "uring-connect", 2, do_uring_connect },
	{ "netlink", 1, do_netlink },
	{ "unix-connect", 2, do_unix_connect },
	{ "unix-send", 1, do_unix_send },
	{ "unix-bind", 2, do_unix_bind },
	{ "unix-listen", 3, do_unix_listen },
	{ "unix-self", 2, do_unix_self },
	{ NULL, 0, NULL },
};

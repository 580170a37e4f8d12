// SPDX-License-Identifier: GPL-2.0-only
/* Acts on sockets by the less common roads: options, raw packets, ping, groups, netlink. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "act.h"

#define SOURCE_PORT 9999

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
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
	}
	return sizeof(out->v6);
}

static int open_socket(int family, int type, int protocol)
{
	struct timeval wait = { .tv_sec = 2 };
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/* ECONNREFUSED: it was let out. */
static int connect_and_close(int fd, const union address *address, socklen_t len)
{
	int code = act_errno(connect(fd, &address->any, len));

	(void)close(fd);
	return code == ECONNREFUSED ? 0 : code;
}

static int connect_with(char **argv, int level, int option, const void *value, socklen_t size)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = open_socket(address.any.sa_family, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	if (setsockopt(fd, level, option, value, size)) {
		int code = errno;

		(void)close(fd);
		return code;
	}
	return connect_and_close(fd, &address, len);
}

static int do_connect_fastopen(int argc, char **argv)
{
	int one = 1;

	(void)argc;
	return connect_with(argv, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one));
}

static int do_connect_device(int argc, char **argv)
{
	(void)argc;
	return connect_with(argv, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo"));
}

static int do_connect_transparent(int argc, char **argv)
{
	bool v6 = strchr(argv[0], ':');
	int one = 1;

	(void)argc;
	return connect_with(argv, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			    v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, &one, sizeof(one));
}

static int do_uring_send(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	struct iovec part = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &address, .msg_namelen = len, .msg_iov = &part, .msg_iovlen = 1
	};
	int fd = open_socket(address.any.sa_family, SOCK_DGRAM, 0);
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_SENDMSG, .fd = fd, .addr = (__u64)(uintptr_t)&message, .len = 1
	};
	int result;

	(void)argc;
	if (fd < 0)
		return errno;
	result = act_uring(&sqe);
	(void)close(fd);
	return result < 0 ? -result : 0;
}

static int ping(const char *text, bool connected)
{
	struct icmphdr question = { .type = ICMP_ECHO, .un.echo.sequence = 1 };
	union address address;
	socklen_t len = parse_address(text, "0", &address);
	bool v6 = address.any.sa_family == AF_INET6;
	int fd = open_socket(address.any.sa_family, SOCK_DGRAM, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	char answer[64];
	int code = 0;

	if (fd < 0)
		return errno;
	if (v6)
		question.type = ICMP6_ECHO_REQUEST;
	if (connected)
		code = act_errno(connect(fd, &address.any, len));
	if (!code)
		code = act_errno(sendto(fd, &question, sizeof(question), 0,
					connected ? NULL : &address.any, connected ? 0 : len));
	if (!code)
		code = act_errno(recv(fd, answer, sizeof(answer), 0));
	(void)close(fd);
	return code == EAGAIN ? ETIMEDOUT : code;
}

static int do_ping(int argc, char **argv)
{
	(void)argc;
	return ping(argv[0], false);
}

static int do_ping_connected(int argc, char **argv)
{
	(void)argc;
	return ping(argv[0], true);
}

/* The kernel makes the IP header. */
static int do_raw_udp(int argc, char **argv)
{
	struct {
		struct udphdr head;
		char byte;
	} datagram = { .head = { .source = htons(SOURCE_PORT), .len = htons(9) } };
	union address address;
	socklen_t len = parse_address(argv[0], "0", &address);
	int fd = open_socket(address.any.sa_family, SOCK_RAW, IPPROTO_UDP);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	datagram.head.dest = htons((uint16_t)atoi(argv[1]));
	code = act_errno(sendto(fd, &datagram, 9, 0, &address.any, len));
	(void)close(fd);
	return code;
}

/* An IP packet of its own: from, to, protocol, place of the fragment in units of 8 bytes. */
static int do_raw_header(int argc, char **argv)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
	} packet = { .ip = { .version = 4,
			     .ihl = 5,
			     .ttl = 9,
			     .tot_len = htons(sizeof(packet)),
			     .protocol = (uint8_t)atoi(argv[3]),
			     .frag_off = htons((uint16_t)atoi(argv[4])) },
		     .udp = { .source = htons(SOURCE_PORT), .len = htons(8) } };
	union address address;
	socklen_t len = parse_address(argv[1], "0", &address);
	int fd = open_socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	packet.ip.saddr = inet_addr(argv[0]);
	packet.ip.daddr = address.v4.sin_addr.s_addr;
	packet.udp.dest = htons((uint16_t)atoi(argv[2]));
	code = act_errno(sendto(fd, &packet, sizeof(packet), 0, &address.any, len));
	(void)close(fd);
	return code;
}

static int do_broadcast(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = open_socket(AF_INET, SOCK_DGRAM, 0);
	int one = 1, code;

	(void)argc;
	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	code = act_errno(sendto(fd, "x", 1, 0, &address.any, len));
	(void)close(fd);
	return code;
}

/* Waits for a datagram on a port that the kernel chose, having told it to PORT. */
static int do_answer_from(int argc, char **argv)
{
	union address address;
	socklen_t len = parse_address(argv[0], argv[1], &address);
	int fd = open_socket(AF_INET, SOCK_DGRAM, 0);
	char byte;
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(sendto(fd, "x", 1, 0, &address.any, len));
	if (!code)
		code = act_errno(recv(fd, &byte, 1, 0));
	(void)close(fd);
	return code == EAGAIN ? ETIMEDOUT : code;
}

struct question {
	struct nlmsghdr head;
	struct rtgenmsg body;
};

/* Messages of these types to the kernel's routing, in one datagram; the answer's errno. */
static int do_route(int argc, char **argv)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct question questions[2] = { 0 };
	struct timeval wait = { .tv_sec = 2 };
	struct {
		struct nlmsghdr head;
		int error;
		char rest[8192];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), code;

	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 0; i < argc && i < 2; i++)
		questions[i] = (struct question){
			.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
				  .nlmsg_type = (uint16_t)atoi(argv[i]),
				  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP | NLM_F_ACK },
			.body = { .rtgen_family = AF_UNSPEC },
		};
	code = act_errno(sendto(fd, questions, sizeof(questions[0]) * (size_t)argc, 0,
				(struct sockaddr *)&kernel, sizeof(kernel)));
	if (!code)
		code = act_errno(recv(fd, &answer, sizeof(answer), 0));
	if (!code && answer.head.nlmsg_type == NLMSG_ERROR)
		code = -answer.error;
	(void)close(fd);
	return code;
}

static int do_getifaddrs(int argc, char **argv)
{
	struct ifaddrs *list = NULL;

	(void)argc;
	(void)argv;
	if (getifaddrs(&list))
		return errno;
	freeifaddrs(list);
	return 0;
}

const struct act road_acts[] = {
	{ "connect-fastopen", 2, do_connect_fastopen },
	{ "connect-device", 2, do_connect_device },
	{ "connect-transparent", 2, do_connect_transparent },
	{ "uring-send", 2, do_uring_send },
	{ "ping", 1, do_ping },
	{ "ping-connected", 1, do_ping_connected },
	{ "raw-udp", 2, do_raw_udp },
	{ "raw-header", 5, do_raw_header },
	{ "broadcast", 2, do_broadcast },
	{ "answer-from", 2, do_answer_from },
	{ "route", -1, do_route },
	{ "getifaddrs", 0, do_getifaddrs },
	{ NULL, 0, NULL },
};

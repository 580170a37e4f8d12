// SPDX-License-Identifier: GPL-2.0-only
/* Traffic whose packets and bytes are known beforehand. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "act.h"

#define DISCARD_PORT 9
#define RAW_PROTOCOL IPPROTO_UDP /* one that policies know; its head is zeros */
#define RAW_BYTES 1000
#define ROOM 65536

static char room[ROOM];

static int open_to(int type, int protocol, const char *address, const char *port,
		   struct sockaddr_in *ret_at)
{
	const struct timeval wait = { .tv_sec = 5 };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -1;
	memset(ret_at, 0, sizeof(*ret_at));
	ret_at->sin_family = AF_INET;
	ret_at->sin_port = htons((uint16_t)atoi(port));
	(void)inet_pton(AF_INET, address, &ret_at->sin_addr);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/* pump ADDR PORT N BYTES: that many datagrams, each of which must come back before the next. */
static int do_pump(int argc, char **argv)
{
	struct sockaddr_in at;
	int fd = open_to(SOCK_DGRAM, 0, argv[0], argv[1], &at);
	size_t bytes = (size_t)atol(argv[3]);
	int r = act_errno(connect(fd, (struct sockaddr *)&at, sizeof(at)));

	(void)argc;
	for (long i = atol(argv[2]); !r && i > 0; i--) {
		r = act_errno(send(fd, room, bytes, 0));
		if (!r && recv(fd, room, sizeof(room), 0) != (ssize_t)bytes)
			r = EIO;
	}
	return r ? r : act_close(fd);
}

/* spray ADDR N BYTES: one datagram to each of N addresses from ADDR on. */
static int do_spray(int argc, char **argv)
{
	struct sockaddr_in at;
	int fd = open_to(SOCK_DGRAM, 0, argv[0], "9", &at);
	uint32_t first = ntohl(at.sin_addr.s_addr);
	int r = 0;

	(void)argc;
	at.sin_port = htons(DISCARD_PORT);
	for (long i = 0; !r && i < atol(argv[1]); i++) {
		at.sin_addr.s_addr = htonl(first + (uint32_t)i);
		r = act_errno(sendto(fd, room, (size_t)atol(argv[2]), 0, (struct sockaddr *)&at,
				     sizeof(at)));
	}
	return r ? r : act_close(fd);
}

/* pour ADDR PORT BYTES: by TCP, until the other end has it all. */
static int do_pour(int argc, char **argv)
{
	struct sockaddr_in at;
	int fd = open_to(SOCK_STREAM, 0, argv[0], argv[1], &at);
	int r = act_errno(connect(fd, (struct sockaddr *)&at, sizeof(at)));
	long left = atol(argv[2]);

	(void)argc;
	while (!r && left > 0) {
		size_t size = left < ROOM ? (size_t)left : ROOM;
		ssize_t n = send(fd, room, size, MSG_NOSIGNAL);

		r = act_errno(n);
		left -= n;
	}
	if (!r)
		r = act_errno(shutdown(fd, SHUT_WR));
	if (!r && recv(fd, room, sizeof(room), 0))
		r = EIO;
	return r ? r : act_close(fd);
}

/* raw-flood ADDR MS: packets from a raw socket, as many as go. */
static int do_raw_flood(int argc, char **argv)
{
	struct sockaddr_in at;
	int fd = open_to(SOCK_RAW, RAW_PROTOCOL, argv[0], "0", &at);
	struct timespec start, now;
	int r = act_errno(fd);
	long ms = 0;

	(void)argc;
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while (!r && ms < atol(argv[1])) {
		for (int i = 0; !r && i < 16; i++)
			r = act_errno(
				sendto(fd, room, RAW_BYTES, 0, (struct sockaddr *)&at, sizeof(at)));
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
	}
	return r ? r : act_close(fd);
}

const struct act traffic_acts[] = {
	{ "pump", 4, do_pump },		  { "spray", 3, do_spray }, { "pour", 3, do_pour },
	{ "raw-flood", 2, do_raw_flood }, { NULL, 0, NULL },
};

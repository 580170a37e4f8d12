// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages between the client of a job, a command's launcher and the job's supervisor: a head, then
 * bytes.  All three are sbx-bpf as root, on one host, of one build.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"

#define MESSAGE_MAX (16u * 1024 * 1024) /* arguments and environment are 6 MiB at most */
#define MAGIC 0x73627831u

struct head {
	__u32 magic;
	__u32 word;
	__u32 len;
};

union control {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(3 * sizeof(int))];
};

static int send_rest(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int sbx_wire_send(int fd, enum sbx_word word, const void *bytes, size_t len, const int *fds)
{
	struct head head = { MAGIC, word, (__u32)len };
	union control control = { 0 };
	struct iovec io = { &head, sizeof(head) };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };
	ssize_t n;

	if (len > MESSAGE_MAX)
		return -EMSGSIZE;
	if (fds) {
		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(3 * sizeof(int)),
						   .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), fds, 3 * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	do {
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* So few bytes go at once or not at all. */
	return n == (ssize_t)sizeof(head) ? send_rest(fd, bytes, len) : -EIO;
}

static int receive_rest(int fd, char *bytes, size_t len)
{
	while (len) {
		ssize_t n = recv(fd, bytes, len, MSG_WAITALL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static void take_descriptors(struct msghdr *message, int *fds)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(3 * sizeof(int)))
		memcpy(fds, CMSG_DATA(header), 3 * sizeof(int));
}

int sbx_wire_receive(int fd, struct sbx_message *ret_message)
{
	struct sbx_message got = { .fds = { -1, -1, -1 } };
	struct head head;
	union control control;
	struct iovec io = { &head, sizeof(head) };
	struct msghdr message = { .msg_iov = &io,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n;
	int r = 0;

	do {
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ENODATA;
	take_descriptors(&message, got.fds);
	if (n != (ssize_t)sizeof(head) || head.magic != MAGIC || head.len > MESSAGE_MAX)
		r = -EBADMSG;
	if (!r) {
		got.word = (enum sbx_word)head.word;
		got.len = head.len;
		got.bytes = calloc(1, got.len + 1);
		r = got.bytes ? receive_rest(fd, got.bytes, got.len) : -ENOMEM;
	}
	if (r) {
		sbx_message_free(&got);
		return r;
	}
	*ret_message = got;
	return 0;
}

void sbx_message_free(struct sbx_message *message)
{
	sbx_freep(&message->bytes);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(message->fds); i++)
		sbx_closep(&message->fds[i]);
}

int sbx_wire_pack(struct sbx_buf *buf, char *const *argv)
{
	for (char *const *arg = argv; arg && *arg; arg++)
		sbx_buf_add(buf, *arg, strlen(*arg) + 1);
	return buf->error;
}

char **sbx_wire_unpack(const struct sbx_message *message, size_t *at, __u32 n)
{
	char **list;

	if (n > message->len - *at) /* each has a NUL */
		return NULL;
	list = calloc((size_t)n + 1, sizeof(*list));
	for (__u32 i = 0; list && i < n; i++) {
		if (*at >= message->len) {
			free(list);
			return NULL;
		}
		list[i] = message->bytes + *at; /* the last is terminated, whatever it holds */
		*at += strlen(list[i]) + 1;
	}
	return list;
}

__u32 sbx_wire_count(const struct sbx_message *message)
{
	__u32 n = 0;

	for (size_t i = 0; i < message->len; i++)
		n += !message->bytes[i];
	return n;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal of the job's own (`process.pty`): the launcher holds its master and carries bytes
 * between it and its own standard input and output, the command gets the other end as descriptors 0
 * to 2 and as its controlling terminal.  So the caller's terminal is out of the job's reach, and
 * ^C, ^Z, job control and the window's size work as in a terminal window.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

int sbx_pty_open(const char *root, struct sbx_pty *ret_pty)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char path[128];
	unsigned int number = 0;
	int unlocked = 0;

	(void)snprintf(path, sizeof(path), "%s/dev/ptmx", root);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TIOCSPTLCK, &unlocked) || ioctl(fd, TIOCGPTN, &number))
		return -errno;
	/* Held open, or the master would report a hang-up whenever the job closes its end. */
	ret_pty->peer_fd = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ret_pty->peer_fd < 0)
		return -errno;
	(void)snprintf(ret_pty->path, sizeof(ret_pty->path), "/dev/pts/%u", number);
	ret_pty->fd = SBX_TAKE(fd, -1);
	sbx_pty_resize(ret_pty);
	return 0;
}

int sbx_job_open_pty(struct sbx_policy *policy, struct sbx_pty **ret_pty, struct sbx_error *err)
{
	const __u16 rights = SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_ATTR | SBX_RIGHT_DEVICE;
	struct sbx_pty *pty;
	int r;

	/* In a /dev of the job's own it is opened when that is there. */
	if (!policy->process.pty || policy->root.path || sbx_path_is_private(policy, "/dev/pts"))
		return 0;
	pty = calloc(1, sizeof(*pty));
	r = pty ? sbx_pty_open("", pty) : -ENOMEM;
	if (!r)
		r = sbx_policy_add_path(policy, false, rights, pty->path, "process.pty");
	if (!r)
		r = sbx_policy_add_path(policy, false, rights, "/dev/tty", "process.pty");
	if (r) {
		free(pty);
		return sbx_fail(err, -r, "a devpts must be mounted on /dev/pts",
				"cannot open a terminal for the job: %s", sbx_errno_name(r));
	}
	*ret_pty = pty;
	return 0;
}

void sbx_pty_free(struct sbx_pty *pty)
{
	if (pty)
		sbx_pty_close(pty);
	free(pty);
}

void sbx_pty_resize(const struct sbx_pty *pty)
{
	struct winsize size;

	if (!ioctl(STDIN_FILENO, TIOCGWINSZ, &size) || !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		(void)ioctl(pty->fd, TIOCSWINSZ, &size); /* only how it looks depends on it */
}

int sbx_pty_enter(const char *path, unsigned int uid)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) || fchown(fd, uid, (gid_t)-1))
		return errno;
	for (int to = 0; to <= 2; to++) {
		if (dup2(fd, to) < 0)
			return errno;
	}
	return 0;
}

/* What is typed goes to the job as it is: its own terminal makes ^C a signal. */
void sbx_pty_start(struct sbx_pty *pty)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &pty->before))
		return; /* no terminal */
	raw = pty->before;
	cfmakeraw(&raw);
	pty->raw = !tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void sbx_pty_close(struct sbx_pty *pty)
{
	if (pty->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &pty->before); /* as it was */
	pty->raw = false;
	sbx_closep(&pty->fd);
	sbx_closep(&pty->peer_fd);
}

void sbx_pty_poll(const struct sbx_pty *pty, struct pollfd items[SBX_PTY_ITEMS])
{
	bool room = !pty->out.len;

	items[0] =
		(struct pollfd){ .fd = pty->fd < 0 || pty->in_ended || pty->in.len ? -1
										   : STDIN_FILENO,
				 .events = POLLIN };
	items[1] = (struct pollfd){
		.fd = pty->fd, .events = (short)((room ? POLLIN : 0) | (pty->in.len ? POLLOUT : 0))
	};
	items[2] = (struct pollfd){ .fd = room ? -1 : STDOUT_FILENO, .events = POLLOUT };
}

static void read_in(struct sbx_pty *pty)
{
	ssize_t n = read(STDIN_FILENO, pty->in.bytes, sizeof(pty->in.bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	pty->in_ended = n <= 0;
	pty->in.len = n > 0 ? (size_t)n : 1;
	if (n <= 0)
		pty->in.bytes[0] = 004; /* ^D: the end, as typed */
}

static void flush(struct sbx_pty_buffer *buffer, int fd)
{
	ssize_t n = write(fd, buffer->bytes, buffer->len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		n = (ssize_t)buffer->len; /* nobody reads it any more */
	buffer->len -= (size_t)n;
	memmove(buffer->bytes, buffer->bytes + n, buffer->len);
}

static void read_out(struct sbx_pty *pty)
{
	ssize_t n = read(pty->fd, pty->out.bytes, sizeof(pty->out.bytes));

	if (n > 0)
		pty->out.len = (size_t)n;
}

void sbx_pty_carry(struct sbx_pty *pty, const struct pollfd items[SBX_PTY_ITEMS])
{
	if (items[0].revents)
		read_in(pty);
	if (items[1].revents & POLLOUT && pty->in.len)
		flush(&pty->in, pty->fd);
	if (items[1].revents & POLLIN && !pty->out.len)
		read_out(pty);
	if (items[2].revents && pty->out.len)
		flush(&pty->out, STDOUT_FILENO);
}

void sbx_pty_drain(struct sbx_pty *pty)
{
	while (pty->fd >= 0) {
		struct pollfd item = { .fd = STDOUT_FILENO, .events = POLLOUT };

		if (!pty->out.len)
			read_out(pty);
		if (!pty->out.len || poll(&item, 1, 1000) <= 0)
			return; /* all said, or nobody listens */
		flush(&pty->out, STDOUT_FILENO);
	}
}

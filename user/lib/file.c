// SPDX-License-Identifier: GPL-2.0-only
/* Whole small files in one call; see file.h. */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/cleanup.h"

#define READ_STEP 65536

/*
 * Opens without waiting: a FIFO that nobody writes to must not hang the caller, it reads as
 * empty.  Reading itself waits again, for `--policy <(command)`.
 */
static int open_readable(int dir_fd, const char *name)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct stat st;

	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return -EINVAL;
	if (fcntl(fd, F_SETFL, 0) < 0)
		return -errno;
	return SBX_TAKE(fd, -1);
}

int sbx_file_read_at(int dir_fd, const char *name, char **ret_text, size_t *ret_len)
{
	sbx_cleanup(sbx_closep) int fd = open_readable(dir_fd, name);
	sbx_cleanup(sbx_freep) char *step = NULL;
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	size_t len;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	step = malloc(READ_STEP);
	if (!step)
		return -ENOMEM;
	for (;;) {
		n = read(fd, step, READ_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		sbx_buf_add(&buf, step, (size_t)n);
		if (buf.len > SBX_FILE_MAX)
			return -EFBIG;
	}
	len = buf.len;
	r = sbx_buf_take(&buf, ret_text);
	if (!r && ret_len)
		*ret_len = len;
	return r;
}

int sbx_file_read(const char *path, char **ret_text, size_t *ret_len)
{
	return sbx_file_read_at(AT_FDCWD, path, ret_text, ret_len);
}

int sbx_file_write_at(int dir_fd, const char *name, const char *text)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	size_t len = strlen(text);
	ssize_t n;

	fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

ssize_t sbx_write_quietly(int fd, const char *bytes, size_t len)
{
	static const struct timespec at_once;
	sigset_t block, before;
	ssize_t n;
	int error;

	(void)sigemptyset(&block); /* cannot fail, as sigaddset with valid numbers */
	(void)sigaddset(&block, SIGXFSZ);
	(void)sigaddset(&block, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &block, &before);
	do
		n = write(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	error = errno;
	(void)sigdelset(&block, error == EFBIG ? SIGPIPE : SIGXFSZ);
	if (n < 0 && (error == EFBIG || error == EPIPE) &&
	    !sigismember(&before, error == EFBIG ? SIGXFSZ : SIGPIPE))
		(void)sigtimedwait(&block, NULL, &at_once); /* takes the pending one, if any */
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return n;
}

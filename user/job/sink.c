// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a result goes.  The descriptor, or the file's directory, is opened before the job runs
 * and the file is made new and renamed into place: the job cannot lead it elsewhere by links,
 * and a reader sees the old result or the whole new one.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/random.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

static int open_fd(const char *digits, struct sbx_result_sink *sink, struct sbx_error *err)
{
	char *end;
	unsigned long fd = strtoul(digits, &end, 10);
	int flags;

	if (!*digits || *end || fd > INT_MAX)
		return sbx_fail(err, EINVAL, NULL, "--result fd:%.32s names no descriptor", digits);
	flags = fcntl((int)fd, F_GETFD);
	/* Close-on-exec means that sbx-bpf opened it itself: the caller passed nothing here. */
	if (flags < 0 || (fd > 2 && (flags & FD_CLOEXEC)))
		return sbx_fail(err, EBADF, "open it in the shell: 3>result.json",
				"--result fd:%lu: the descriptor is not open", fd);
	sink->fd = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
	if (sink->fd < 0)
		return sbx_fail(err, errno, NULL, "--result fd:%lu: %s", fd, sbx_errno_name(errno));
	return 0;
}

static int open_file(const char *path, struct sbx_result_sink *sink, struct sbx_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char dir[PATH_MAX] = ".";
	struct stat st;

	if (slash)
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash == path ? 1 : slash - path),
			       path);
	if (!*name || strlen(name) > NAME_MAX - 8 || strlen(path) >= sizeof(dir))
		return sbx_fail(err, EINVAL, NULL, "--result \"%.200s\" names no file", path);
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return sbx_fail(err, EINVAL, "for a descriptor write --result fd:N",
				"--result \"%s\" is not a regular file", path);
	sink->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sink->dir_fd < 0 || faccessat(sink->dir_fd, ".", W_OK, AT_EACCESS))
		return sbx_fail(err, errno, NULL, "cannot write the result into \"%s\": %s", dir,
				sbx_errno_name(errno));
	(void)snprintf(sink->name, sizeof(sink->name), "%s", name);
	return 0;
}

int sbx_result_open(const char *where, struct sbx_result_sink *ret_sink, struct sbx_error *err)
{
	struct sbx_result_sink sink = { .fd = -1, .dir_fd = -1 };
	int r = 0;

	if (where && !strncmp(where, "fd:", 3))
		r = open_fd(where + 3, &sink, err);
	else if (where)
		r = open_file(where, &sink, err);
	if (r) {
		sbx_result_close(&sink);
		return r;
	}
	*ret_sink = sink;
	return 0;
}

void sbx_result_close(struct sbx_result_sink *sink)
{
	sbx_closep(&sink->fd);
	sbx_closep(&sink->dir_fd);
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_file(const struct sbx_result_sink *sink, const char *text, size_t len)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char temporary[sizeof(sink->name) + 24];
	unsigned long long random;
	int r;

	/* A name that the job could not have guessed and taken. */
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	(void)snprintf(temporary, sizeof(temporary), ".%s.%016llx", sink->name, random);
	fd = openat(sink->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (!r && fsync(fd))
		r = -errno;
	if (!r && renameat(sink->dir_fd, temporary, sink->dir_fd, sink->name))
		r = -errno;
	if (r)
		(void)unlinkat(sink->dir_fd, temporary, 0); /* the first error is the one to tell */
	return r;
}

int sbx_result_write(const struct sbx_result_sink *sink, json_t *result, struct sbx_error *err)
{
	sbx_cleanup(sbx_freep) char *dump = NULL;
	sbx_cleanup(sbx_freep) char *text = NULL;
	int len;
	int r;

	if (sink->fd < 0 && sink->dir_fd < 0)
		return 0;
	dump = result ? json_dumps(result, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
	len = dump ? asprintf(&text, "%s\n", dump) : -1;
	if (len < 0)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the result");
	r = sink->fd >= 0 ? write_all(sink->fd, text, (size_t)len)
			  : write_file(sink, text, (size_t)len);
	return r ? sbx_fail(err, -r, NULL, "cannot write the result%s%s%s: %s",
			    *sink->name ? " \"" : "", sink->name, *sink->name ? "\"" : "",
			    sbx_errno_name(r))
		 : 0;
}

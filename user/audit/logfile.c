// SPDX-License-Identifier: GPL-2.0-only
/* Opens, renews and rotates the file of a log. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "audit/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/tail.h"
#include "lib/cleanup.h"

#define NAME_ROOM (NAME_MAX - 5) /* for ".999" and ".new" behind it */

/* O_NONBLOCK: a FIFO without a reader must not hang us. */
#define OPEN_FLAGS (O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

void sbx_log_file_close(struct sbx_log_file *file)
{
	sbx_closep(&file->fd);
	sbx_closep(&file->dir_fd);
}

int sbx_log_file_fail(struct sbx_error *err, int code, const char *path)
{
	const char *cure = code == ELOOP    ? "name the file itself, not a symbolic link to it"
			   : code == EROFS  ? "choose a place that can be written: --audit FILE"
			   : code == ENOENT ? "make its directory first"
					    : NULL;

	return sbx_fail(err, code, cure, "the audit log \"%s\" cannot be opened for writing: %s",
			path, sbx_errno_name(code));
}

/* The name of the job that holds the lock, as far as the file tells. */
static int busy_fail(struct sbx_error *err, int fd, const char *path)
{
	struct sbx_log_tail tail = { 0 };

	(void)sbx_log_tail(fd, NULL, &tail); /* it only makes the message better */
	return sbx_fail(err, EBUSY, "end that job first, or choose another file: --audit FILE",
			"the audit log \"%s\" is being written by %s%s", path,
			tail.job[0] ? "job " : "another job", tail.job);
}

static int open_dir(const char *path, struct sbx_log_file *file)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char dir[PATH_MAX] = ".";

	if (strlen(path) >= sizeof(dir) || strlen(name) > NAME_ROOM)
		return -ENAMETOOLONG;
	if (!*name)
		return -EISDIR;
	if (slash)
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash == path ? 1 : slash - path),
			       path);
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	file->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return file->dir_fd < 0 ? -errno : 0;
}

int sbx_log_file_open(const char *path, struct sbx_log_file *ret_file, struct sbx_error *err)
{
	sbx_cleanup(sbx_log_file_close) struct sbx_log_file file = { .fd = -1, .dir_fd = -1 };
	struct stat st;
	int r = open_dir(path, &file);

	if (r)
		return sbx_log_file_fail(err, -r, path);
	file.fd = openat(file.dir_fd, file.name, OPEN_FLAGS, 0600);
	if (file.fd < 0 || fstat(file.fd, &st))
		return sbx_log_file_fail(err, errno, path);
	if (!S_ISREG(st.st_mode))
		return sbx_fail(err, EINVAL, "name a regular file, or one that does not exist yet",
				"the audit log \"%s\" is no regular file", path);
	if (flock(file.fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? busy_fail(err, file.fd, path)
					    : sbx_log_file_fail(err, errno, path);
	*ret_file = file;
	file.fd = -1;
	file.dir_fd = -1;
	return 0;
}

bool sbx_log_file_in_place(const struct sbx_log_file *file)
{
	struct stat named, ours;

	return !fstatat(file->dir_fd, file->name, &named, AT_SYMLINK_NOFOLLOW) &&
	       !fstat(file->fd, &ours) && named.st_dev == ours.st_dev &&
	       named.st_ino == ours.st_ino;
}

/* A new empty file under `name`, locked, with the owner and mode of the one that it succeeds. */
static int make_successor(const struct sbx_log_file *file, const char *name, int extra, int *ret_fd)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct stat before, st;

	if (fstat(file->fd, &before))
		return -errno;
	fd = openat(file->dir_fd, name, OPEN_FLAGS | extra, 0600);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size)
		return -EEXIST;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	/* Where that is not to be had, ours and 0600 is narrower. */
	if (!fchown(fd, before.st_uid, before.st_gid))
		(void)fchmod(fd, before.st_mode & 0777);
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

/* What was written so far is as durable as at the end of a log. */
static void replace(struct sbx_log_file *file, int fd)
{
	(void)fsync(file->fd); /* its content was written without an error */
	(void)close(file->fd);
	file->fd = fd;
}

int sbx_log_file_renew(struct sbx_log_file *file)
{
	int fd = -1;
	int r = make_successor(file, file->name, 0, &fd);

	if (!r)
		replace(file, fd);
	return r;
}

static int shift(const struct sbx_log_file *file, unsigned int from)
{
	char older[sizeof(file->name) + 16];
	char newer[sizeof(file->name) + 16];

	(void)snprintf(newer, sizeof(newer), "%s.%u", file->name, from);
	(void)snprintf(older, sizeof(older), "%s.%u", file->name, from + 1);
	if (!renameat(file->dir_fd, newer, file->dir_fd, older) || errno == ENOENT)
		return 0;
	return -errno;
}

int sbx_log_file_rotate(struct sbx_log_file *file, unsigned int keep)
{
	char fresh[sizeof(file->name) + 8];
	char first[sizeof(file->name) + 8];
	int fd = -1;
	int r;

	if (!sbx_log_file_in_place(file))
		return sbx_log_file_renew(file);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", file->name);
	(void)snprintf(first, sizeof(first), "%s.1", file->name);
	(void)unlinkat(file->dir_fd, fresh, 0); /* of a writer that was killed half-way */
	r = make_successor(file, fresh, O_EXCL, &fd);
	for (unsigned int i = keep - 1; i >= 1 && !r; i--)
		r = shift(file, i);
	if (!r && renameat(file->dir_fd, file->name, file->dir_fd, first))
		r = -errno;
	if (!r && renameat(file->dir_fd, fresh, file->dir_fd, file->name)) {
		r = -errno;
		(void)renameat(file->dir_fd, first, file->dir_fd, file->name); /* as it was */
	}
	if (!r) {
		replace(file, fd);
		return 0;
	}
	if (fd >= 0)
		(void)unlinkat(file->dir_fd, fresh, 0); /* empty: harmless if it stays */
	sbx_closep(&fd);
	return r;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A job's cgroup: made, emptied, removed.  Everything goes through the directory's descriptor,
 * so a directory of the same name that came later is never touched by mistake.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define POLL_STEP_MS 50	 /* how soon a kill is repeated for a task that joined meanwhile */
#define REMOVE_TRIES 100 /* of 2 ms: the kernel frees dying tasks with a delay */
#define SUBTREE_DEPTH_MAX 32

/* What limits and figures need; a host may lack some, which only matters if a limit is set. */
static const char *const controllers[] = { "memory", "pids", "cpu", "io", "cpuset" };

__u64 sbx_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME,
			    &now); /* cannot fail: the clock and pointer are valid */
	return (__u64)now.tv_sec * 1000000 + (__u64)now.tv_nsec / 1000;
}

__u64 sbx_now_ms(void)
{
	return sbx_now_us() / 1000;
}

int sbx_cgroup_read(int dir_fd, const char *file, char *buf, size_t size)
{
	sbx_cleanup(sbx_closep) int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return (int)n;
}

int sbx_cgroup_write(int dir_fd, const char *file, const char *text)
{
	sbx_cleanup(sbx_closep) int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

bool sbx_cgroup_key(const char *text, const char *key, __u64 *ret_value)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (!strncmp(line, key, len) && line[len] == ' ')
			return sscanf(line + len, " %llu", ret_value) == 1;
	}
	return false;
}

/* True when the space-separated `list` holds `word`. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len) {
		if ((at == list || at[-1] == ' ') && (!at[len] || strchr(" \n", at[len])))
			return true;
	}
	return false;
}

/* Turns on what the directory offers and its children lack; a refusal shows when a limit is set. */
static void enable_here(int dir_fd)
{
	char have[256];
	char on[256];
	char word[32];

	if (sbx_cgroup_read(dir_fd, "cgroup.controllers", have, sizeof(have)) < 0 ||
	    sbx_cgroup_read(dir_fd, "cgroup.subtree_control", on, sizeof(on)) < 0)
		return;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(controllers); i++) {
		if (!has_word(have, controllers[i]) || has_word(on, controllers[i]))
			continue;
		(void)snprintf(word, sizeof(word), "+%s", controllers[i]);
		(void)sbx_cgroup_write(dir_fd, "cgroup.subtree_control", word); /* see above */
	}
}

/* Every controller is on for the children of `dir_fd`: the usual case, one small read. */
static bool all_on(int dir_fd)
{
	char on[256];

	if (sbx_cgroup_read(dir_fd, "cgroup.subtree_control", on, sizeof(on)) < 0)
		return false;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(controllers); i++) {
		if (!has_word(on, controllers[i]))
			return false;
	}
	return true;
}

/* From the cgroup2 mount down to `root`: a controller reaches a cgroup only through all above. */
static void enable_controllers(const char *root, int root_fd)
{
	char path[512];
	size_t len = strlen(root);
	struct statfs fs;

	if (all_on(root_fd) || len >= sizeof(path))
		return;
	memcpy(path, root, len + 1);
	for (size_t start = 1; start < len; start++) {
		sbx_cleanup(sbx_closep) int fd = -1;

		if (root[start] != '/')
			continue;
		path[start] = '\0';
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		path[start] = '/';
		if (fd >= 0 && !fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			enable_here(fd);
	}
	enable_here(root_fd);
}

static int make_root(const char *root, int *ret_fd, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct statfs fs;

	if (mkdir(root, 0755) && errno != EEXIST)
		return sbx_fail(err, errno,
				"cgroup2 must be mounted read-write for sbx-bpf; in a container, "
				"delegate a cgroup subtree to it",
				"cannot make the cgroup \"%s\": %s", root, sbx_errno_name(errno));
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs))
		return sbx_fail(err, errno, NULL, "cannot open the cgroup \"%s\": %s", root,
				sbx_errno_name(errno));
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return sbx_fail(err, ENOTSUP, "mount one: mount -t cgroup2 none /sys/fs/cgroup",
				"\"%s\" is not in a cgroup2 filesystem", root);
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

int sbx_cgroup_create(const char *root, const char *name, struct sbx_cgroup *ret_cgroup,
		      struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int root_fd = -1;
	struct sbx_cgroup cgroup = { .fd = -1 };
	int n = snprintf(cgroup.path, sizeof(cgroup.path), "%s/%s", root, name);
	int r;

	if (n < 0 || (size_t)n >= sizeof(cgroup.path))
		return sbx_fail(err, ENAMETOOLONG, NULL, "the cgroup's path \"%s/%s\" is too long",
				root, name);
	r = make_root(root, &root_fd, err);
	if (r)
		return r;
	enable_controllers(root, root_fd);
	if (mkdirat(root_fd, name, 0755))
		return sbx_fail(
			err, errno,
			errno == EEXIST ? "choose another --name, or run: sbx-bpf gc" : NULL,
			"cannot make the cgroup \"%s\": %s", cgroup.path, sbx_errno_name(errno));
	cgroup.fd = openat(root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cgroup.fd < 0) {
		r = sbx_fail(err, errno, NULL, "cannot open the cgroup \"%s\": %s", cgroup.path,
			     sbx_errno_name(errno));
		(void)unlinkat(root_fd, name, AT_REMOVEDIR); /* just made and empty */
		return r;
	}
	*ret_cgroup = cgroup;
	return 0;
}

int sbx_cgroup_open(const char *path, struct sbx_cgroup *ret_cgroup)
{
	struct sbx_cgroup cgroup = { .fd = -1 };
	struct statfs fs;

	if (strlen(path) >= sizeof(cgroup.path))
		return -ENAMETOOLONG;
	memcpy(cgroup.path, path, strlen(path) + 1);
	cgroup.fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cgroup.fd < 0)
		return -errno;
	/* The path comes from a file: never kill or remove anything but a cgroup. */
	if (fstatfs(cgroup.fd, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC) {
		sbx_cgroup_close(&cgroup);
		return -EINVAL;
	}
	*ret_cgroup = cgroup;
	return 0;
}

void sbx_cgroup_close(struct sbx_cgroup *cgroup)
{
	sbx_closep(&cgroup->fd);
}

void sbx_cgroup_signal(const struct sbx_cgroup *cgroup, int sig)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	if (sbx_file_read_at(cgroup->fd, "cgroup.procs", &text, NULL))
		return;
	for (char *at = text, *end; *at; at = *end ? end + 1 : end) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return;
		(void)kill((pid_t)pid, sig); /* it may have ended meanwhile */
	}
}

bool sbx_cgroup_populated(const struct sbx_cgroup *cgroup)
{
	char text[128];
	__u64 populated = 0;

	if (sbx_cgroup_read(cgroup->fd, "cgroup.events", text, sizeof(text)) < 0)
		return false;
	return sbx_cgroup_key(text, "populated", &populated) && populated;
}

/* Waits until cgroup.events changes, at most a step. */
static void wait_events(int events_fd)
{
	struct pollfd item = { .fd = events_fd, .events = POLLPRI };

	(void)poll(&item, 1, POLL_STEP_MS); /* the caller looks itself, whatever ended this */
}

int sbx_cgroup_kill(const struct sbx_cgroup *cgroup, int timeout_ms)
{
	sbx_cleanup(sbx_closep) int events_fd = -1;
	__u64 deadline = sbx_now_ms() + (__u64)timeout_ms;
	__u64 populated;
	char text[128];
	ssize_t n;
	int r;

	events_fd = openat(cgroup->fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events_fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	for (;;) {
		/* Again each time: a task may have joined after the last kill. */
		r = sbx_cgroup_write(cgroup->fd, "cgroup.kill", "1");
		if (r)
			return r == -ENOENT || r == -ENODEV ? 0 : r;
		n = pread(events_fd, text, sizeof(text) - 1, 0);
		if (n < 0)
			return errno == ENODEV ? 0 : -errno;
		text[n] = '\0';
		if (sbx_cgroup_key(text, "populated", &populated) && !populated)
			return 0;
		if (sbx_now_ms() >= deadline)
			return -ETIMEDOUT;
		wait_events(events_fd);
	}
}

/* Removes the sub-cgroups of `dir_fd`, deepest first; what stays makes the caller's rmdir fail. */
static void remove_children(int dir_fd, unsigned int depth)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd); /* read-only */
		return;
	}
	while ((entry = readdir(dir))) {
		sbx_cleanup(sbx_closep) int child = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		child = openat(dir_fd, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (child >= 0 && depth < SUBTREE_DEPTH_MAX)
			remove_children(child, depth + 1);
		(void)unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR); /* see above */
	}
}

/* The path still names the directory that was opened. */
static bool same_directory(const struct sbx_cgroup *cgroup)
{
	struct stat by_fd;
	struct stat by_path;

	return !fstat(cgroup->fd, &by_fd) && !lstat(cgroup->path, &by_path) &&
	       by_fd.st_dev == by_path.st_dev && by_fd.st_ino == by_path.st_ino;
}

int sbx_cgroup_remove(struct sbx_cgroup *cgroup)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	int r = 0;

	if (cgroup->fd < 0)
		return 0;
	for (int i = 0; i < REMOVE_TRIES && same_directory(cgroup); i++) {
		r = rmdir(cgroup->path) && errno != ENOENT ? -errno : 0;
		if (r != -EBUSY && r != -ENOTEMPTY)
			break;
		remove_children(cgroup->fd, 0);
		if (i)
			(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	}
	sbx_cgroup_close(cgroup);
	return r;
}

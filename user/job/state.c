// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directory a job, <jobs>/<name>/, with a file `state` for gc and ps.  The directory is locked
 * (flock) by its launcher, and the watchdog inherits the lock: when it can be taken, both are
 * gone and whoever took it may clean up.  So nobody depends on process numbers, which recur.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define STATE_FILE "state"

static const char *jobs_dir = "/run/sbx-bpf/jobs";
static const char *logs_dir = "/var/lib/sbx-bpf/log";

void sbx_state_set_dirs(const char *jobs, const char *logs)
{
	jobs_dir = jobs;
	logs_dir = logs;
}

const char *sbx_state_jobs_dir(void)
{
	return jobs_dir;
}

const char *sbx_state_logs_dir(void)
{
	return logs_dir;
}

static bool name_valid(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > SBX_NAME_MAX ||
	    !(islower((unsigned char)*name) || isdigit((unsigned char)*name)))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

int sbx_state_check_name(const char *name, struct sbx_error *err)
{
	if (name_valid(name))
		return 0;
	return sbx_fail(err, EINVAL,
			"a name has 1 to 63 of a-z 0-9 . _ - and begins with a letter or a digit",
			"\"%.80s\" cannot be the name of a job", name);
}

/* Makes `path` and what is missing above it, for root alone. */
static int make_dirs(const char *path)
{
	char part[512];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0; /* the usual case, without a look at each part */
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i])
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
		part[i] = path[i];
	}
	return 0;
}

static int open_jobs(int *ret_fd)
{
	int fd = open(jobs_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* Opens and locks <jobs>/<name>. -EBUSY: somebody holds it; -ENOENT: it is not (or no longer). */
static int lock_dir(int jobs_fd, const char *name, int *ret_fd)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct stat st;

	fd = openat(jobs_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	/* Removed between open and lock: the name is free, this lock means nothing. */
	if (fstat(fd, &st) || !st.st_nlink)
		return -ENOENT;
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

__u64 sbx_process_start(pid_t pid)
{
	char path[64];
	char text[1024];
	const char *at;
	__u64 start = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (sbx_cgroup_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return 0;
	at = strrchr(text, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, " %llu", &start) == 1 ? start : 0;
}

static int write_record(const struct sbx_state *state)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char text[1024];
	int n = snprintf(text, sizeof(text), "launcher %d\nstart %llu\ncgroup %s\nkept %d\n",
			 state->launcher, state->launcher_start, state->cgroup, state->kept);

	if (n < 0 || (size_t)n >= sizeof(text))
		return -ENAMETOOLONG;
	fd = openat(state->dir_fd, STATE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	return write(fd, text, (size_t)n) == n ? 0 : -EIO;
}

int sbx_state_bound(struct sbx_state *state, const struct sbx_binding *binding)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char text[128];
	int n = snprintf(text, sizeof(text), "job %llu\npolicy %llu\ncgroup_id %llu\n",
			 binding->job, binding->policy, binding->cgroup);

	state->binding = *binding;
	fd = openat(state->dir_fd, STATE_FILE, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, text, (size_t)n) == n ? 0 : -EIO;
}

/* Makes the directory and takes its lock; a gc that got in between is run around. */
static int take_name(int jobs_fd, const char *name, int *ret_fd)
{
	int r;

	for (int tries = 0; tries < 10; tries++) {
		if (!mkdirat(jobs_fd, name, 0700)) {
			r = lock_dir(jobs_fd, name, ret_fd);
			if (r != -ENOENT && r != -EBUSY)
				return r;
			continue;
		}
		if (errno != EEXIST)
			return -errno;
		r = lock_dir(jobs_fd, name, ret_fd);
		if (r == -EBUSY)
			return -EEXIST;
		if (r == -ENOENT)
			continue;
		if (!r)
			sbx_closep(ret_fd);
		return r ? r : -ESTALE;
	}
	return -EEXIST;
}

int sbx_state_create(const char *name, const char *cgroup_path, bool kept,
		     struct sbx_state *ret_state, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int jobs_fd = -1;
	struct sbx_state state = { .dir_fd = -1, .launcher = getpid(), .kept = kept };
	int r = sbx_state_check_name(name, err);

	if (r)
		return r;
	r = make_dirs(jobs_dir);
	if (!r)
		r = open_jobs(&jobs_fd);
	if (r)
		return sbx_fail(err, -r, NULL, "cannot make the state directory \"%s\": %s",
				jobs_dir, sbx_errno_name(r));
	r = take_name(jobs_fd, name, &state.dir_fd);
	if (r == -ESTALE)
		return r;
	if (r == -EEXIST)
		return sbx_fail(err, EEXIST, "choose another --name, or wait until it has ended",
				"a job named \"%s\" is running", name);
	if (r)
		return sbx_fail(err, -r, NULL, "cannot record the job in \"%s/%s\": %s", jobs_dir,
				name, sbx_errno_name(r));
	(void)snprintf(state.name, sizeof(state.name), "%s", name); /* checked: it fits */
	(void)snprintf(state.cgroup, sizeof(state.cgroup), "%s", cgroup_path);
	state.launcher_start = sbx_process_start(state.launcher);
	r = write_record(&state);
	if (r) {
		sbx_state_remove(&state);
		return sbx_fail(err, -r, NULL, "cannot write \"%s/%s/" STATE_FILE "\": %s",
				jobs_dir, name, sbx_errno_name(r));
	}
	*ret_state = state;
	return 0;
}

/* A line "key value" of a record; false: it was cut off before that. */
static bool get_text(const char *text, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, key, len) || line[len] != ' ')
			continue;
		line += len + 1;
		(void)snprintf(buf, size, "%.*s", (int)strcspn(line, "\n"), line);
		return true;
	}
	return false;
}

/* What a record says; one that was never finished leaves zeros. */
static void read_record(struct sbx_state *state)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	__u64 launcher = 0;
	__u64 kept = 0;

	if (sbx_file_read_at(state->dir_fd, STATE_FILE, &text, NULL))
		return;
	(void)sbx_cgroup_key(text, "launcher", &launcher); /* stay 0 if missing, all of them */
	(void)sbx_cgroup_key(text, "start", &state->launcher_start);
	(void)get_text(text, "cgroup", state->cgroup, sizeof(state->cgroup));
	(void)sbx_cgroup_key(text, "kept", &kept);
	(void)sbx_cgroup_key(text, "job", &state->binding.job);
	(void)sbx_cgroup_key(text, "policy", &state->binding.policy);
	(void)sbx_cgroup_key(text, "cgroup_id", &state->binding.cgroup);
	state->launcher = (pid_t)launcher;
	state->kept = kept;
}

int sbx_state_adopt(const char *name, struct sbx_state *ret_state)
{
	sbx_cleanup(sbx_closep) int jobs_fd = -1;
	struct sbx_state state = { .dir_fd = -1 };
	int r = name_valid(name) ? open_jobs(&jobs_fd) : -EINVAL;

	if (!r)
		r = lock_dir(jobs_fd, name, &state.dir_fd);
	if (r)
		return r;
	(void)snprintf(state.name, sizeof(state.name), "%s", name); /* checked: it fits */
	read_record(&state);
	*ret_state = state;
	return 0;
}

int sbx_state_look(const char *name, struct sbx_state *ret_state, bool *ret_alive)
{
	sbx_cleanup(sbx_closep) int jobs_fd = -1;
	struct sbx_state state = { .dir_fd = -1 };
	int r = name_valid(name) ? open_jobs(&jobs_fd) : -EINVAL;

	if (r)
		return r;
	state.dir_fd = openat(jobs_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (state.dir_fd < 0)
		return -errno;
	(void)snprintf(state.name, sizeof(state.name), "%s", name); /* checked: it fits */
	read_record(&state);
	/* A shared try, so that two that look do not take each other for the launcher. */
	*ret_alive = flock(state.dir_fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	sbx_closep(&state.dir_fd);
	*ret_state = state;
	return 0;
}

void sbx_state_remove(struct sbx_state *state)
{
	sbx_cleanup(sbx_closep) int jobs_fd = -1;

	if (state->dir_fd < 0)
		return;
	(void)unlinkat(state->dir_fd, STATE_FILE, 0); /* what stays, gc removes */
	(void)unlinkat(state->dir_fd, SBX_DOOR_FILE, 0);
	if (!open_jobs(&jobs_fd))
		(void)unlinkat(jobs_fd, state->name, AT_REMOVEDIR); /* likewise */
	sbx_closep(&state->dir_fd);
}

void sbx_state_close(struct sbx_state *state)
{
	sbx_closep(&state->dir_fd);
}

int sbx_state_each(int (*fn)(const char *name, void *ctx), void *ctx)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int r = 0;

	dir = opendir(jobs_dir);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!r && (entry = readdir(dir))) {
		if (name_valid(entry->d_name))
			r = fn(entry->d_name, ctx);
	}
	return r;
}

int sbx_state_log_path(const char *name, char *buf, size_t size, struct sbx_error *err)
{
	int n = snprintf(buf, size, "%s/%s.jsonl", logs_dir, name);
	int r;

	if (n < 0 || (size_t)n >= size)
		return sbx_fail(err, ENAMETOOLONG, NULL, "the log's path is too long");
	r = make_dirs(logs_dir);
	return r ? sbx_fail(err, -r, "name another place with --audit FILE",
			    "cannot make the log directory \"%s\": %s", logs_dir, sbx_errno_name(r))
		 : 0;
}

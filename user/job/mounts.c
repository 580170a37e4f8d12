// SPDX-License-Identifier: GPL-2.0-only
/*
 * The job's view of the filesystem, made by the keeper in a mount namespace of its own.  Nothing
 * is made in anybody's tree: mounts go onto directories that are there, or into a tmpfs that the
 * namespace takes with it when it ends.  Trees that stay as they are (the working directory below a
 * private /tmp, what is writable in a read-only root) are copied off as detached mounts first and
 * put back last.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

#define KEPT_MAX 64 /* trees; a policy that names more is refused */

struct kept {
	const char *path;
	int fd;
};

struct mounts {
	const struct sbx_keep *what;
	char *object; /* what a failure is about */
	size_t size;
	struct kept kept[KEPT_MAX];
	size_t n_kept;
};

static void set_object(struct mounts *m, const char *path)
{
	(void)snprintf(m->object, m->size, "%s", path);
}

/* True when `path` is `dir` or lies below. */
static bool is_in(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}

bool sbx_path_is_private(const struct sbx_policy *policy, const char *path)
{
	for (char **dir = policy->private_dirs; dir && *dir; dir++) {
		if (is_in(path, *dir))
			return true;
	}
	return false;
}

/* Is the working directory hidden by a private one, so that it must be put back? */
static bool workdir_is_hidden(const struct sbx_policy *policy, const char *workdir)
{
	bool hidden = false;

	for (char **dir = policy->private_dirs; dir && *dir && workdir; dir++) {
		if (!strcmp(workdir, *dir))
			return false; /* named itself: it is to be the private one */
		hidden |= is_in(workdir, *dir);
	}
	return hidden;
}

bool sbx_path_is_hidden(const struct sbx_policy *policy, const char *workdir, const char *path)
{
	if (!sbx_path_is_private(policy, path))
		return false;
	return !workdir_is_hidden(policy, workdir) || !is_in(path, workdir);
}

static int keep_tree(struct mounts *m, const char *path)
{
	int fd;

	set_object(m, path);
	if (m->n_kept >= KEPT_MAX)
		return E2BIG;
	fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (fd < 0)
		return errno;
	m->kept[m->n_kept++] = (struct kept){ path, fd };
	return 0;
}

static int keep_trees(struct mounts *m)
{
	const struct sbx_policy *policy = m->what->policy;
	int r = 0;

	if (policy->root.read_only && !(m->what->namespaces & SBX_NS_PID))
		r = keep_tree(m, "/proc"); /* the job's own files there must stay writable */
	for (char **path = policy->root.writable; path && *path && !r; path++)
		r = keep_tree(m, *path);
	if (!r && workdir_is_hidden(policy, m->what->workdir))
		r = keep_tree(m, m->what->workdir);
	return r;
}

/* Makes what lies between a private directory and a tree that is put back below it. */
static int make_place(const char *path, bool directory)
{
	char prefix[4096];
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(prefix))
		return ENAMETOOLONG;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(prefix, path, i);
		prefix[i] = '\0';
		if (i == len && !directory)
			break;
		if (mkdir(prefix, 0755) && errno != EEXIST)
			return errno;
	}
	if (directory)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	(void)close(fd); /* nothing was written */
	return 0;
}

static int put_back(struct mounts *m)
{
	for (size_t i = 0; i < m->n_kept; i++) {
		struct kept *kept = &m->kept[i];
		struct stat st;
		int r = 0;

		set_object(m, kept->path);
		if (fstat(kept->fd, &st))
			return errno;
		if (sbx_path_is_private(m->what->policy, kept->path))
			r = make_place(kept->path, S_ISDIR(st.st_mode));
		if (!r && move_mount(kept->fd, "", AT_FDCWD, kept->path, MOVE_MOUNT_F_EMPTY_PATH))
			r = errno;
		if (r)
			return r;
		sbx_closep(&kept->fd);
	}
	return 0;
}

static int make_private(struct mounts *m, const char *path)
{
	static const char *const shared[] = { "/tmp", "/var/tmp", "/dev/shm" };
	const struct sbx_keep *what = m->what;
	char options[96];

	set_object(m, path);
	if (!strcmp(path, "/dev"))
		return sbx_devices_make();
	(void)snprintf(options, sizeof(options), "mode=0755,uid=%u,gid=%u", what->uid, what->gid);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(shared); i++) {
		if (!strcmp(path, shared[i]))
			(void)snprintf(options, sizeof(options), "mode=1777");
	}
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) ? errno : 0;
}

static int make_all_private(struct mounts *m)
{
	char **dirs = m->what->policy->private_dirs;
	int r = 0;

	/* /dev first: others may lie in it */
	for (char **dir = dirs; dir && *dir && !r; dir++)
		r = strcmp(*dir, "/dev") ? 0 : make_private(m, *dir);
	for (char **dir = dirs; dir && *dir && !r; dir++)
		r = strcmp(*dir, "/dev") ? make_private(m, *dir) : 0;
	return r;
}

static int make_read_only(struct mounts *m)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (!m->what->policy->root.read_only)
		return 0;
	set_object(m, "/");
	return mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) ? errno : 0;
}

/*
 * A pid namespace has other numbers, so the /proc of before would tell of other processes.  Another
 * user than root sees its own alone.  Root would see all the same, and make an event of each look.
 */
static int make_proc(struct mounts *m)
{
	const char *options = m->what->uid ? "hidepid=invisible" : NULL;

	if (!(m->what->namespaces & SBX_NS_PID))
		return 0;
	set_object(m, "/proc");
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) ? errno
											 : 0;
}

int sbx_mounts_make(const struct sbx_keep *what, char *object, size_t size)
{
	struct mounts m = { .what = what, .object = object, .size = size };
	int r = 0;

	set_object(&m, "/");
	(void)umask(0); /* modes are as written here */
	/* What is mounted here does not get out, what is mounted outside later does not get in. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		r = errno;
	if (!r && sbx_root_is_new(&what->policy->root))
		r = sbx_root_make(&what->policy->root, object, size);
	if (!r)
		r = keep_trees(&m);
	if (!r)
		r = make_read_only(&m);
	if (!r)
		r = make_proc(&m);
	if (!r)
		r = make_all_private(&m);
	if (!r)
		r = put_back(&m);
	if (!r)
		object[0] = '\0';
	return r; /* after a failure this process ends, and its descriptors with it */
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a job changed in an overlay root (`root: {overlay: diff}`): the upper directories are walked
 * when the job is over, while the keeper still holds them.  A device 0/0 stands for what was
 * removed; a directory that is only there because something below was changed is not listed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

#define CHANGES_MAX 10000 /* paths; what is beyond is said to be missing */
#define CHANGES_DEPTH 64

struct changes {
	const char *lower; /* the image, or "" for the host's root */
	json_t *added;
	json_t *changed;
	json_t *removed;
	size_t n;
	bool truncated;
};

static void note(struct changes *c, json_t *list, const char *path)
{
	if (c->n++ >= CHANGES_MAX)
		c->truncated = true;
	else
		(void)json_array_append_new(list, sbx_result_text(path)); /* shows when written */
}

static bool was_there(const struct changes *c, const char *path)
{
	char full[8192];
	struct stat st;

	return snprintf(full, sizeof(full), "%s%s", c->lower, path) < (int)sizeof(full) &&
	       !lstat(full, &st);
}

static void walk(struct changes *c, int dir_fd, const char *path, unsigned int depth);

static void look(struct changes *c, int dir_fd, const char *name, const char *path,
		 unsigned int depth)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return; /* gone: nobody works here any more, so it never was */
	if (S_ISCHR(st.st_mode) && !st.st_rdev) {
		note(c, c->removed, path);
		return;
	}
	if (!was_there(c, path))
		note(c, c->added, path);
	else if (!S_ISDIR(st.st_mode))
		note(c, c->changed, path);
	if (!S_ISDIR(st.st_mode))
		return;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || depth >= CHANGES_DEPTH)
		c->truncated = true;
	else
		walk(c, fd, path, depth + 1);
}

static void walk(struct changes *c, int dir_fd, const char *path, unsigned int depth)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = NULL;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	char below[4096];

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		sbx_closep(&fd);
		c->truncated = true;
		return;
	}
	while ((entry = readdir(dir)) && c->n <= CHANGES_MAX) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
		    (int)sizeof(below))
			c->truncated = true;
		else
			look(c, dir_fd, entry->d_name, below, depth);
	}
}

/* "%2Fhome" -> "/home": see sbx_upper_name. */
static void decode(const char *name, char *buf, size_t size)
{
	size_t n = 0;

	for (; *name && n + 1 < size; name++) {
		if (*name == '%' && name[1] && name[2]) {
			buf[n++] = name[1] == '2' && name[2] == 'F' ? '/' : '%';
			name += 2;
		} else {
			buf[n++] = *name;
		}
	}
	buf[n] = '\0';
}

static void walk_layers(struct changes *c, DIR *layers)
{
	struct dirent *entry;

	while ((entry = readdir(layers))) {
		sbx_cleanup(sbx_closep) int fd = -1;
		char path[1024];

		if (entry->d_name[0] == '.')
			continue;
		decode(entry->d_name, path, sizeof(path));
		fd = openat(dirfd(layers), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			c->truncated = true;
		else
			walk(c, fd, strcmp(path, "/") ? path : "", 0);
	}
}

json_t *sbx_changes_list(const struct sbx_keeper *keeper, const struct sbx_root *root)
{
	sbx_cleanup(sbx_closedirp) DIR *layers = NULL;
	struct changes c = { .lower = root->path ? root->path : "" };
	json_t *result;
	char path[64];

	if (root->overlay != SBX_OVERLAY_DIFF || keeper->pid <= 0)
		return json_null();
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", keeper->pid, SBX_KEEPER_UPPER_FD);
	layers = opendir(path);
	if (!layers)
		return json_null();
	c.added = json_array();
	c.changed = json_array();
	c.removed = json_array();
	walk_layers(&c, layers);
	result = json_object();
	(void)json_object_set_new(result, "added", c.added); /* failures show when it is written */
	(void)json_object_set_new(result, "changed", c.changed);
	(void)json_object_set_new(result, "removed", c.removed);
	(void)json_object_set_new(result, "truncated", json_boolean(c.truncated));
	return result;
}

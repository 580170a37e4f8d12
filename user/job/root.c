// SPDX-License-Identifier: GPL-2.0-only
/*
 * A root of the job's own, made by the keeper: an unpacked image, or an overlay over it or over the
 * host's mounts, whose changes are thrown away with the namespace or kept in a directory.
 *
 * The new root is put together on /sys, which every host has and whose contents are copied off as a
 * detached mount before: so no directory is made anywhere but in a tmpfs.  An overlay does not look
 * into mounts, so each of the host's mounts gets one; what takes none is read-only to the job.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define STAGE "/sys" /* where the root is put together */
#define NEW_ROOT STAGE "/root"

/* Trees of the kernel's, which are bound and not overlaid. */
static const char *const kernel_trees[] = { "/proc", "/sys", "/dev" };

struct building {
	const struct sbx_root *root;
	char *object;
	size_t size;
	char base[4096]; /* holds upper and work directories */
	int trees[SBX_ARRAY_SIZE(kernel_trees)];
};

static void set_object(struct building *b, const char *path)
{
	(void)snprintf(b->object, b->size, "%s", path);
}

bool sbx_root_is_new(const struct sbx_root *root)
{
	return root->path || root->overlay != SBX_OVERLAY_NONE;
}

void sbx_upper_name(const char *path, char *buf, size_t size)
{
	size_t n = 0;

	for (; *path && n + 4 < size; path++) {
		if (*path == '/' || *path == '%')
			n += (size_t)snprintf(buf + n, size - n, "%%%02X", *path);
		else
			buf[n++] = *path;
	}
	buf[n] = '\0';
}

static int make_dir(const char *path)
{
	return mkdir(path, 0755) && errno != EEXIST ? errno : 0;
}

/* "BASE/KIND/NAME", made. */
static int layer_dir(const struct building *b, const char *kind, const char *path, char *buf,
		     size_t size)
{
	char name[1024];
	int n;
	int r;

	sbx_upper_name(path, name, sizeof(name));
	n = snprintf(buf, size, "%s/%s", b->base, kind);
	r = n > 0 && (size_t)n < size ? make_dir(buf) : ENAMETOOLONG;
	if (r)
		return r;
	n = snprintf(buf, size, "%s/%s/%s", b->base, kind, name);
	return n > 0 && (size_t)n < size ? make_dir(buf) : ENAMETOOLONG;
}

/* An overlay over `lower` at `target`; `path` is what the job calls it. */
static int overlay(const struct building *b, const char *lower, const char *path,
		   const char *target)
{
	char options[9300];
	char upper[4096];
	char work[4096];
	struct stat st;
	int r;

	/* The lower directory is named ".", for its own name may hold any character. */
	if (chdir(lower) || stat(".", &st))
		return errno;
	r = layer_dir(b, "upper", path, upper, sizeof(upper));
	if (!r)
		r = layer_dir(b, "work", path, work, sizeof(work));
	if (r)
		return r;
	/* The top directory shows as the upper one is. */
	if (chown(upper, st.st_uid, st.st_gid) || chmod(upper, st.st_mode & 07777))
		return errno;
	(void)snprintf(options, sizeof(options), "lowerdir=.,upperdir=%s,workdir=%s", upper, work);
	return mount("overlay", target, "overlay", 0, options) ? errno : 0;
}

/* A copy of the mount (with what is below, if `deep`) at `target`. */
static int copy_tree(const char *path, const char *target, bool deep, bool read_only)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	unsigned int recursive = deep ? AT_RECURSIVE : 0;
	sbx_cleanup(sbx_closep) int fd =
		open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);

	if (fd < 0)
		return errno;
	if (read_only && mount_setattr(fd, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr)))
		return errno;
	return move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) ? errno : 0;
}

static bool is_kernel_tree(const char *path)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(kernel_trees); i++) {
		size_t len = strlen(kernel_trees[i]);

		if (!strncmp(path, kernel_trees[i], len) && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

/* "\040" and its like stand for bytes that would end a field. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1] && text[2] && text[3]) {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* One mount of the host below its root. */
static int add_mount(struct building *b, const char *path)
{
	char target[4096];
	struct stat st;
	int r = ENOTDIR;

	if (snprintf(target, sizeof(target), NEW_ROOT "%s", path) >= (int)sizeof(target))
		return ENAMETOOLONG;
	if (lstat(path, &st) || access(target, F_OK))
		return 0; /* hidden by another mount, or somebody took it away */
	set_object(b, path);
	if (S_ISDIR(st.st_mode))
		r = overlay(b, path, path, target);
	if (r)
		r = copy_tree(path, target, false, true);
	/* What cannot be copied (unbindable, another's) leaves an empty directory. */
	return r == EINVAL || r == EACCES ? 0 : r;
}

static int add_mounts(struct building *b, char *mounts)
{
	char *save = NULL;
	int r = 0;

	for (char *line = strtok_r(mounts, "\n", &save); line && !r;
	     line = strtok_r(NULL, "\n", &save)) {
		char path[4096];

		if (sscanf(line, "%*d %*d %*s %*s %4095s", path) != 1)
			continue;
		unescape(path);
		if (strcmp(path, "/") && !is_kernel_tree(path))
			r = add_mount(b, path);
	}
	return r;
}

/* Copies of the kernel's trees: their places are about to be covered. */
static int take_kernel_trees(struct building *b)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(kernel_trees); i++) {
		/* An image has a minimal /dev. */
		b->trees[i] = -1;
		if (b->root->path && !strcmp(kernel_trees[i], "/dev"))
			continue;
		set_object(b, kernel_trees[i]);
		b->trees[i] = open_tree(AT_FDCWD, kernel_trees[i],
					OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		if (b->trees[i] < 0)
			return errno;
	}
	return 0;
}

static int put_kernel_trees(struct building *b)
{
	char target[64];

	for (size_t i = 0; i < SBX_ARRAY_SIZE(kernel_trees); i++) {
		if (b->trees[i] < 0)
			continue;
		set_object(b, kernel_trees[i]);
		(void)snprintf(target, sizeof(target), NEW_ROOT "%s", kernel_trees[i]);
		if (b->root->path && !strcmp(kernel_trees[i], "/sys") && access(target, F_OK))
			continue; /* an image without /sys does without */
		if (move_mount(b->trees[i], "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH))
			return errno;
		sbx_closep(&b->trees[i]);
	}
	return 0;
}

static int make_stage(struct building *b)
{
	set_object(b, STAGE);
	if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700"))
		return errno;
	if (mkdir(NEW_ROOT, 0755))
		return errno;
	(void)snprintf(b->base, sizeof(b->base), "%s", STAGE);
	if (b->root->overlay != SBX_OVERLAY_KEEP)
		return 0;
	(void)snprintf(b->base, sizeof(b->base), "%s", b->root->directory);
	set_object(b, b->base);
	return make_dir(b->base);
}

static int make_layers(struct building *b, char *mounts)
{
	int r;

	set_object(b, b->root->path ? b->root->path : "/");
	if (b->root->overlay == SBX_OVERLAY_NONE)
		return copy_tree(b->root->path, NEW_ROOT, true, false);
	r = overlay(b, b->root->path ? b->root->path : "/", "/", NEW_ROOT);
	return r || b->root->path ? r : add_mounts(b, mounts);
}

/* For the launcher, which lists what was changed when the job is over. */
static int hold_upper(const struct building *b)
{
	sbx_cleanup(sbx_closep) int fd = -1;

	if (b->root->overlay != SBX_OVERLAY_DIFF)
		return 0;
	fd = open(STAGE "/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || dup3(fd, SBX_KEEPER_UPPER_FD, O_CLOEXEC) < 0 ? errno : 0;
}

/* The old root goes below the new one and from there out of the namespace. */
static int change_root(struct building *b)
{
	set_object(b, "/");
	if (chdir(NEW_ROOT) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
	    chdir("/"))
		return errno;
	return 0;
}

int sbx_root_make(const struct sbx_root *root, char *object, size_t size)
{
	struct building b = { .root = root, .object = object, .size = size };
	sbx_cleanup(sbx_freep) char *mounts = NULL;
	int r = take_kernel_trees(&b);

	if (!r && !root->path)
		r = -sbx_file_read("/proc/self/mountinfo", &mounts, NULL);
	if (!r)
		r = make_stage(&b);
	if (!r)
		r = make_layers(&b, mounts);
	if (!r)
		r = put_kernel_trees(&b);
	if (!r)
		r = hold_upper(&b);
	if (!r)
		r = change_root(&b);
	if (!r && root->path) {
		set_object(&b, "/dev");
		r = sbx_devices_make();
	}
	return r;
}

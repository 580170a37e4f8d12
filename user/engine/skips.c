// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches for skipped programs.  The kernel marks a program on a function (fmod_ret, fentry,
 * fexit, a raw tracepoint) as running on a processor; a task that is preempted half-way lets every
 * other task of that processor pass without it, and only a counter of the program tells.  BPF LSM
 * and cgroup programs have no such mark.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

#define WATCHED_MAX 256 /* more programs than an engine has */

struct watched {
	int fd; /* program */
	__u64 seen;
	char name[BPF_OBJ_NAME_LEN];
};

struct sbx_skips {
	size_t n;
	struct watched programs[WATCHED_MAX];
};

static int read_info(int fd, struct bpf_prog_info *ret_info)
{
	__u32 len = sizeof(*ret_info);

	memset(ret_info, 0, sizeof(*ret_info));
	return bpf_obj_get_info_by_fd(fd, ret_info, &len) ? -errno : 0;
}

/* The program of a pinned link, if the kernel can skip it. */
static int add(struct sbx_skips *skips, const char *path)
{
	sbx_cleanup(sbx_closep) int link_fd = bpf_obj_get(path);
	sbx_cleanup(sbx_closep) int fd = -1;
	struct bpf_link_info link = { 0 };
	struct bpf_prog_info info;
	__u32 len = sizeof(link);
	struct watched *program;
	int r;

	if (link_fd < 0 || bpf_obj_get_info_by_fd(link_fd, &link, &len))
		return -errno;
	if (link.type != BPF_LINK_TYPE_TRACING && link.type != BPF_LINK_TYPE_RAW_TRACEPOINT)
		return 0;
	fd = bpf_prog_get_fd_by_id(link.prog_id);
	if (fd < 0)
		return -errno;
	r = read_info(fd, &info);
	if (r || info.type == BPF_PROG_TYPE_LSM)
		return r;
	if (skips->n >= WATCHED_MAX)
		return -E2BIG;
	program = &skips->programs[skips->n++];
	program->seen = info.recursion_misses;
	memcpy(program->name, info.name, sizeof(program->name));
	program->name[sizeof(program->name) - 1] = '\0';
	program->fd = SBX_TAKE(fd, -1);
	return 0;
}

int sbx_skips_open(const struct sbx_engine *engine, struct sbx_skips **ret_skips)
{
	sbx_cleanup(sbx_closedirp) DIR *entries = NULL;
	struct sbx_skips *skips = NULL;
	struct sbx_probe probe = { 0 };
	struct dirent *entry;
	char path[600];
	int r = 0;

	*ret_skips = NULL;
	sbx_probe_preempt(&probe);
	if (!sbx_preempt_can(probe.preempt))
		return 0;
	(void)snprintf(path, sizeof(path), "%s/links", engine->pins);
	entries = opendir(path);
	skips = entries ? calloc(1, sizeof(*skips)) : NULL;
	if (!skips)
		return -errno;
	while (!r && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/links/%s", engine->pins, entry->d_name);
		r = add(skips, path);
	}
	if (r)
		sbx_skips_close(skips);
	else
		*ret_skips = skips;
	return r;
}

int sbx_skips_read(struct sbx_skips *skips, sbx_skip_fn fn, void *ctx)
{
	struct bpf_prog_info info;
	int r;

	for (size_t i = 0; skips && i < skips->n; i++) {
		struct watched *program = &skips->programs[i];

		r = read_info(program->fd, &info);
		if (r)
			return r;
		if (info.recursion_misses > program->seen)
			fn(program->name, info.recursion_misses - program->seen, ctx);
		program->seen = info.recursion_misses;
	}
	return 0;
}

void sbx_skips_close(struct sbx_skips *skips)
{
	for (size_t i = 0; skips && i < skips->n; i++)
		sbx_closep(&skips->programs[i].fd);
	free(skips);
}

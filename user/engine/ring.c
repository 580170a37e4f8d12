// SPDX-License-Identifier: GPL-2.0-only
/* The reading end of a job's events, and the lists of a job's tasks and of one's own files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

/* Records that one call takes: a job that floods must not keep its supervisor from its clock. */
#define DRAIN_MAX 4096

struct sbx_ring {
	struct ring_buffer *buffer;
	sbx_event_fn fn;
	void *ctx;
	int map_fd;
	int drained; /* by the call at hand */
};

static int take_record(void *ctx, void *data, size_t size)
{
	struct sbx_ring *ring = ctx;

	if (size >= sizeof(struct sbx_event))
		ring->fn(data, size, ring->ctx);
	return ++ring->drained < DRAIN_MAX ? 0 : -EAGAIN;
}

/* The ring of a job; of the one bound last, without asking the kernel, which takes a grace period.
 */
static int ring_map(struct sbx_engine *engine, __u64 job)
{
	__u32 id;

	if (engine->bound_job == job && engine->ring_fd >= 0)
		return SBX_TAKE(engine->ring_fd, -1);
	if (bpf_map_lookup_elem(engine->map_fds[SBX_MAP_RINGS], &job, &id))
		return -errno;
	return bpf_map_get_fd_by_id(id);
}

int sbx_ring_open(struct sbx_engine *engine, __u64 job, sbx_event_fn fn, void *ctx,
		  struct sbx_ring **ret_ring)
{
	struct sbx_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return -ENOMEM;
	ring->fn = fn;
	ring->ctx = ctx;
	ring->map_fd = ring_map(engine, job);
	if (ring->map_fd >= 0)
		ring->buffer = ring_buffer__new(ring->map_fd, take_record, ring, NULL);
	if (!ring->buffer) {
		int r = errno ? -errno : -EIO;

		sbx_closep(&ring->map_fd);
		free(ring);
		return r;
	}
	*ret_ring = ring;
	return 0;
}

int sbx_ring_fd(const struct sbx_ring *ring)
{
	return ring_buffer__epoll_fd(ring->buffer);
}

int sbx_ring_drain(struct sbx_ring *ring)
{
	int r;

	ring->drained = 0;
	r = ring_buffer__consume(ring->buffer);
	return r == -EAGAIN || r >= 0 ? ring->drained : r;
}

void sbx_ring_close(struct sbx_ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->buffer);
	sbx_closep(&ring->map_fd);
	free(ring);
}

static void add_pid(pid_t pid, pid_t *pids, size_t cap, size_t *n)
{
	for (size_t i = 0; i < *n && i < cap; i++) {
		if (pids[i] == pid)
			return;
	}
	if (*n < cap)
		pids[*n] = pid;
	(*n)++;
}

/* A reader of one of the engine's iterators, or a negative errno. */
static int open_iterator(const struct sbx_engine *engine, const char *name)
{
	sbx_cleanup(sbx_closep) int link_fd = -1;
	char path[300];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/other/%s", engine->pins, name);
	link_fd = bpf_obj_get(path);
	if (link_fd < 0)
		return -errno;
	fd = bpf_iter_create(link_fd);
	return fd < 0 ? -errno : fd;
}

int sbx_engine_tasks(struct sbx_engine *engine, __u64 job, pid_t *ret_pids, size_t cap)
{
	sbx_cleanup(sbx_closep) int fd = open_iterator(engine, "sbx_task_list");
	struct sbx_task_line lines[64];
	size_t n = 0, have = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t got = read(fd, (char *)lines + have, sizeof(lines) - have);

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return -errno;
		have += (size_t)got;
		for (size_t i = 0; i < have / sizeof(lines[0]); i++) {
			if (lines[i].job == job)
				add_pid((pid_t)lines[i].tgid, ret_pids, cap, &n);
		}
		have %= sizeof(lines[0]); /* the kernel hands out whole records */
		if (!got)
			return (int)n;
	}
}

/* Takes a line if its descriptor is asked for. */
static int take_file(const struct sbx_file_line *line, const int *fds, size_t n,
		     struct sbx_program *programs, size_t *ret_found, size_t *ret_at)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i] != (int)line->fd)
			continue;
		*ret_at = i;
		if (!line->known)
			return -ENOTSUP;
		if (line->written)
			return -ETXTBSY;
		programs[i] = line->program;
		(*ret_found)++;
	}
	return 0;
}

int sbx_engine_identify(struct sbx_engine *engine, const int *fds, size_t n,
			struct sbx_program *ret_programs, size_t *ret_at)
{
	sbx_cleanup(sbx_closep) int fd = open_iterator(engine, "sbx_file_list");
	struct sbx_file_line lines[64];
	size_t found = 0, have = 0;
	int r = fd < 0 ? fd : 0;

	while (!r) {
		ssize_t got = read(fd, (char *)lines + have, sizeof(lines) - have);

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return found == n ? 0 : -EBADF;
		have += (size_t)got;
		for (size_t i = 0; i < have / sizeof(lines[0]) && !r; i++)
			r = take_file(&lines[i], fds, n, ret_programs, &found, ret_at);
		have %= sizeof(lines[0]); /* the kernel hands out whole records */
	}
	return r;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What a job sent and received, read from the kernel's maps. */
#include <errno.h>
#include <fcntl.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

int sbx_engine_meter(struct sbx_engine *engine, __u64 job, struct sbx_meter *ret_meter)
{
	return bpf_map_lookup_elem(engine->map_fds[SBX_MAP_METERS], &job, ret_meter) ? -errno : 0;
}

/* A look-up in a map of maps waits a grace period before Linux 6.8, so what bind made is kept. */
static int open_dests(const struct sbx_engine *engine, __u64 job)
{
	__u32 id;
	int fd;

	if (engine->bound_job == job && engine->dests_fd >= 0)
		fd = fcntl(engine->dests_fd, F_DUPFD_CLOEXEC, 0);
	else if (bpf_map_lookup_elem(engine->map_fds[SBX_MAP_DESTS], &job, &id))
		fd = -1;
	else
		fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

int sbx_engine_dests(struct sbx_engine *engine, __u64 job, sbx_dest_fn fn, void *ctx)
{
	sbx_cleanup(sbx_closep) int fd = open_dests(engine, job);
	struct sbx_dest_key key, next;
	struct sbx_dest dest;
	int r;

	if (fd < 0)
		return fd;
	r = bpf_map_get_next_key(fd, NULL, &next);
	/* nothing is removed from it, so no walk begins anew */
	for (__u32 i = 0; !r && i < SBX_DESTS_MAX; i++) {
		key = next;
		if (!bpf_map_lookup_elem(fd, &key, &dest))
			fn(&key, &dest, ctx);
		r = bpf_map_get_next_key(fd, &key, &next);
	}
	return 0;
}

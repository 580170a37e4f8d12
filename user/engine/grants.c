// SPDX-License-Identifier: GPL-2.0-only
/* What DNS answers have opened for a job, read from the kernel's maps. */
#include <errno.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

int sbx_engine_grants(struct sbx_engine *engine, const struct sbx_binding *binding, sbx_grant_fn fn,
		      void *ctx)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct sbx_grant_key key, next;
	struct sbx_grant grant;
	struct sbx_job job;
	__u32 id;
	int r;

	/* another build's engine counts its jobs by itself */
	if (sbx_job_entry(engine, binding->job, &job) || job.cgroup != binding->cgroup)
		return 0;
	if (!(job.dns & SBX_DNS_NAMES))
		return 0; /* a job without domains; the look-up can cost a grace period */
	if (bpf_map_lookup_elem(engine->map_fds[SBX_MAP_GRANTS], &binding->job, &id))
		return errno == ENOENT ? 0 : -errno; /* it has just ended */
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* it has just ended */
	r = bpf_map_get_next_key(fd, NULL, &next);
	for (__u32 i = 0; !r && i < SBX_GRANTS_MAX; i++) {
		key = next;
		if (!bpf_map_lookup_elem(fd, &key, &grant)) {
			int stop = fn(&grant, ctx);

			if (stop)
				return stop;
		}
		r = bpf_map_get_next_key(fd, &key, &next);
	}
	return 0;
}

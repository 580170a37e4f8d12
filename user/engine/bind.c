// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiled policy -> inner maps -> job.  Everything a job points at is complete before the job
 * does, and the subject entry comes last.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

/* Two ids that no job and no policy of this engine had before; the lock is held. */
static int take_ids(struct sbx_engine *engine, __u64 *ret_job, __u64 *ret_policy,
		    struct sbx_error *err)
{
	struct sbx_meta meta;
	int r;

	r = sbx_meta_read(engine, &meta);
	if (!r) {
		*ret_job = meta.next_id;
		*ret_policy = meta.next_id + 1;
		meta.next_id += 2;
		r = sbx_meta_write(engine, &meta);
	}
	if (r)
		return sbx_fail(err, errno, NULL, "cannot take a job number (%s)",
				sbx_errno_name(errno));
	return 0;
}

static int make_inner(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		      size_t n, int *ret_fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(type, name, key_size, value_size, n ? (__u32)n : 1, &opts);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int put_outer(const struct sbx_engine *engine, enum sbx_map map, __u64 key, int inner_fd)
{
	return bpf_map_update_elem(engine->map_fds[map], &key, &inner_fd, BPF_NOEXIST) ? -errno : 0;
}

static int put_edges(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
		     __u64 policy)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	int r = make_inner(BPF_MAP_TYPE_HASH, "sbx_edges_in", sizeof(struct sbx_edge_key),
			   sizeof(struct sbx_edge), compiled->n_edges, &fd);

	for (size_t i = 0; !r && i < compiled->n_edges; i++) {
		const struct sbx_edge_entry *entry = &compiled->edges[i];

		if (bpf_map_update_elem(fd, &entry->key, &entry->value, BPF_NOEXIST))
			r = -errno;
	}
	return r ? r : put_outer(engine, SBX_MAP_EDGES, policy, fd);
}

static int put_prefixes(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
			__u64 policy)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	int r = make_inner(BPF_MAP_TYPE_LPM_TRIE, "sbx_prefixes_in", sizeof(struct sbx_prefix_key),
			   sizeof(__u32), compiled->n_prefixes, &fd);

	for (size_t i = 0; !r && i < compiled->n_prefixes; i++) {
		const struct sbx_prefix_entry *entry = &compiled->prefixes[i];

		if (bpf_map_update_elem(fd, &entry->key, &entry->class_id, BPF_ANY))
			r = -errno;
	}
	return r ? r : put_outer(engine, SBX_MAP_PREFIXES, policy, fd);
}

static int put_classes(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
		       __u64 policy)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	int r = make_inner(BPF_MAP_TYPE_HASH, "sbx_classes_in", sizeof(__u32),
			   sizeof(struct sbx_class), compiled->n_classes, &fd);

	for (size_t i = 0; !r && i < compiled->n_classes; i++) {
		__u32 id = (__u32)i;

		if (bpf_map_update_elem(fd, &id, &compiled->classes[i], BPF_NOEXIST))
			r = -errno;
	}
	return r ? r : put_outer(engine, SBX_MAP_CLASSES, policy, fd);
}

static int put_ring(const struct sbx_engine *engine, __u64 job)
{
	sbx_cleanup(sbx_closep) int fd =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sbx_ring_in", 0, 0, SBX_RING_BYTES, NULL);

	return fd < 0 ? -errno : put_outer(engine, SBX_MAP_RINGS, job, fd);
}

static int put_job(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
		   const struct sbx_binding *binding)
{
	struct sbx_job_state state = { 0 };
	struct sbx_job job = compiled->job;

	job.id = binding->job;
	job.policy = binding->policy;
	job.cgroup = binding->cgroup;
	if (bpf_map_update_elem(engine->map_fds[SBX_MAP_STATE], &binding->job, &state, BPF_NOEXIST))
		return -errno;
	if (bpf_map_update_elem(engine->map_fds[SBX_MAP_JOBS], &binding->job, &job, BPF_NOEXIST))
		return -errno;
	if (bpf_map_update_elem(engine->map_fds[SBX_MAP_SUBJECTS], &binding->cgroup, &binding->job,
				BPF_NOEXIST))
		return -errno;
	return 0;
}

int sbx_engine_bind_locked(struct sbx_engine *engine, const struct sbx_compiled *compiled,
			   const char *cgroup_path, struct sbx_binding *ret_binding,
			   struct sbx_error *err)
{
	struct sbx_binding binding = { .cgroup = sbx_cgroup_id_of(cgroup_path) };
	int r;

	if (!binding.cgroup)
		return sbx_fail(err, ENOENT, NULL, "the cgroup \"%s\" is gone", cgroup_path);
	r = take_ids(engine, &binding.job, &binding.policy, err);
	if (r)
		return r;
	r = put_edges(engine, compiled, binding.policy);
	if (!r)
		r = put_prefixes(engine, compiled, binding.policy);
	if (!r)
		r = put_classes(engine, compiled, binding.policy);
	if (!r)
		r = put_ring(engine, binding.job);
	if (!r)
		r = put_job(engine, compiled, &binding);
	if (r) {
		(void)sbx_engine_release(engine, &binding);
		return sbx_fail(err, -r,
				r == -EEXIST ? "end the job that has this cgroup first"
				: r == -E2BIG ? "end other jobs first (sbx-bpf ps, sbx-bpf gc)"
					      : NULL,
				"cannot bind the policy to the cgroup \"%s\" (%s)", cgroup_path,
				sbx_errno_name(r));
	}
	*ret_binding = binding;
	return 0;
}

int sbx_engine_bind(struct sbx_engine *engine, const struct sbx_compiled *compiled,
		    const char *cgroup_path, struct sbx_binding *ret_binding, struct sbx_error *err)
{
	int lock_fd = -1;
	int r;

	r = sbx_pins_lock(&lock_fd, err);
	if (r)
		return r;
	r = sbx_engine_bind_locked(engine, compiled, cgroup_path, ret_binding, err);
	sbx_pins_unlock(lock_fd);
	return r;
}

/* Removes every subject that names the job: its cgroup and child cgroups not yet released. */
static void remove_subjects(const struct sbx_engine *engine, const struct sbx_binding *binding)
{
	int fd = engine->map_fds[SBX_MAP_SUBJECTS];
	__u64 key, next, job;
	int r = bpf_map_get_next_key(fd, NULL, &next);

	while (!r) {
		key = next;
		r = bpf_map_get_next_key(fd, &key, &next);
		if (!bpf_map_lookup_elem(fd, &key, &job) && job == binding->job)
			(void)bpf_map_delete_elem(fd, &key); /* the kernel may have been first */
	}
}

int sbx_engine_release(struct sbx_engine *engine, const struct sbx_binding *binding)
{
	static const enum sbx_map by_policy[] = { SBX_MAP_EDGES, SBX_MAP_PREFIXES,
						  SBX_MAP_CLASSES };
	static const enum sbx_map by_job[] = { SBX_MAP_JOBS, SBX_MAP_STATE, SBX_MAP_RINGS };
	int r = 0;

	remove_subjects(engine, binding);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(by_job); i++) {
		if (bpf_map_delete_elem(engine->map_fds[by_job[i]], &binding->job) && errno != ENOENT)
			r = -errno;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(by_policy); i++) {
		if (bpf_map_delete_elem(engine->map_fds[by_policy[i]], &binding->policy) &&
		    errno != ENOENT)
			r = -errno;
	}
	return r;
}

int sbx_engine_state(struct sbx_engine *engine, __u64 job, struct sbx_job_state *ret_state)
{
	return bpf_map_lookup_elem(engine->map_fds[SBX_MAP_STATE], &job, ret_state) ? -errno : 0;
}

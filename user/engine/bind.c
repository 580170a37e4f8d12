// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiled policy -> inner maps -> job.  Everything a job points at is complete before the job
 * does, and the subject entry comes last.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

#define OUTER_MAPS \
	8 /* edges, prefixes, classes, rings, dests; of some: programs, grants, pendings */
#define OUTER_MAPS_ALWAYS 5
#define OUTER_MAPS_DNS 2 /* the last */
#define MAPS_BY_SLOT 3	 /* the first; the others by ids, which are never given twice */

static bool slot_is_free(const struct sbx_engine *engine, __u64 id)
{
	__u32 slot = sbx_slot(id);
	struct sbx_job job;

	return !bpf_map_lookup_elem(engine->map_fds[SBX_MAP_JOBS], &slot, &job) && !job.policy;
}

/* Two ids that no job and no policy of this engine had before; the lock is held. */
static int take_ids(struct sbx_engine *engine, bool dns, __u64 *ret_job, __u64 *ret_policy,
		    struct sbx_error *err)
{
	struct sbx_meta meta;
	int r;

	r = sbx_meta_read(engine, &meta);
	for (int i = 0; !r && i < SBX_SLOTS && !slot_is_free(engine, meta.next_id); i++)
		meta.next_id += 2;
	if (!r) {
		*ret_job = meta.next_id;
		*ret_policy = meta.next_id + 1;
		meta.next_id += 2;
		if (dns)
			meta.dns = 1;
		r = sbx_meta_write(engine, &meta);
	}
	if (r)
		return sbx_fail(err, errno, NULL, "cannot take a job number (%s)",
				sbx_errno_name(errno));
	return 0;
}

static int make_inner(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		      __u32 flags, size_t n, int *ret_fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	int fd = bpf_map_create(type, name, key_size, value_size, n ? (__u32)n : 1, &opts);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/*
 * Changes of the maps of maps.  The kernel waits a grace period for each, some ten milliseconds,
 * so they are made at the same time.
 */
struct outer_change {
	int map_fd;
	union {
		__u64 id;
		__u32 slot;
	} key;
	int inner_fd; /* -1: remove */
	int result;
};

static void *change_outer(void *arg)
{
	struct outer_change *change = arg;
	int r;

	if (change->inner_fd < 0)
		r = bpf_map_delete_elem(change->map_fd, &change->key);
	else
		r = bpf_map_update_elem(change->map_fd, &change->key, &change->inner_fd, BPF_ANY);
	change->result = r ? -errno : 0;
	return NULL;
}

/* Makes all changes; the first error other than a missing element that was to be removed. */
static int change_all(struct outer_change *changes, size_t n)
{
	pthread_t threads[OUTER_MAPS];
	bool started[OUTER_MAPS] = { false };
	int r = 0;

	for (size_t i = 1; i < n; i++)
		started[i] = !pthread_create(&threads[i], NULL, change_outer, &changes[i]);
	for (size_t i = 0; i < n; i++) {
		if (started[i])
			(void)pthread_join(threads[i], NULL); /* only fails for a wrong thread */
		else
			(void)change_outer(&changes[i]);
		if (changes[i].result && changes[i].result != -ENOENT && !r)
			r = changes[i].result;
	}
	return r;
}

static int fill_edges(int fd, const struct sbx_compiled *compiled)
{
	sbx_cleanup(sbx_freep) struct sbx_edge_key *keys =
		calloc(compiled->n_edges + 1, sizeof(*keys));
	sbx_cleanup(sbx_freep) struct sbx_edge *values =
		calloc(compiled->n_edges + 1, sizeof(*values));
	__u32 n = (__u32)compiled->n_edges;

	if (!keys || !values)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++) {
		keys[i] = compiled->edges[i].key;
		values[i] = compiled->edges[i].value;
	}
	return n && bpf_map_update_batch(fd, keys, values, &n, NULL) ? -errno : 0;
}

static int make_edges(const struct sbx_compiled *compiled, int *ret_fd)
{
	int r = make_inner(BPF_MAP_TYPE_HASH, "sbx_edges_in", sizeof(struct sbx_edge_key),
			   sizeof(struct sbx_edge), 0, compiled->n_edges, ret_fd);

	return r ? r : fill_edges(*ret_fd, compiled);
}

/* By batches: a policy can have a hundred thousand. */
static int fill_prefixes(int fd, const struct sbx_compiled *compiled)
{
	sbx_cleanup(sbx_freep) struct sbx_prefix_key *keys =
		calloc(compiled->n_prefixes + 1, sizeof(*keys));
	sbx_cleanup(sbx_freep) __u32 *values = calloc(compiled->n_prefixes + 1, sizeof(*values));
	__u32 n = (__u32)compiled->n_prefixes;

	if (!keys || !values)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++) {
		keys[i] = compiled->prefixes[i].key;
		values[i] = compiled->prefixes[i].class_id;
	}
	return bpf_map_update_batch(fd, keys, values, &n, NULL) ? -errno : 0;
}

static int make_prefixes(const struct sbx_compiled *compiled, int *ret_fd)
{
	int r = make_inner(BPF_MAP_TYPE_LPM_TRIE, "sbx_prefixes_in", sizeof(struct sbx_prefix_key),
			   sizeof(__u32), BPF_F_NO_PREALLOC, compiled->n_prefixes, ret_fd);

	return r ? r : fill_prefixes(*ret_fd, compiled);
}

static int fill_classes(int fd, const struct sbx_compiled *compiled)
{
	sbx_cleanup(sbx_freep) __u32 *keys = calloc(compiled->n_classes + 1, sizeof(*keys));
	__u32 n = (__u32)compiled->n_classes;

	if (!keys)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++)
		keys[i] = i;
	return bpf_map_update_batch(fd, keys, compiled->classes, &n, NULL) ? -errno : 0;
}

static int make_classes(const struct sbx_compiled *compiled, int *ret_fd)
{
	int r = make_inner(BPF_MAP_TYPE_ARRAY, "sbx_classes_in", sizeof(__u32),
			   sizeof(struct sbx_class), BPF_F_INNER_MAP, compiled->n_classes, ret_fd);

	return r ? r : fill_classes(*ret_fd, compiled);
}

static int make_programs(const struct sbx_compiled *compiled, int *ret_fd)
{
	int r = make_inner(BPF_MAP_TYPE_HASH, "sbx_programs_in", sizeof(__u32),
			   sizeof(struct sbx_program), BPF_F_NO_PREALLOC, compiled->n_pinned,
			   ret_fd);

	for (size_t i = 0; !r && i < compiled->n_pinned; i++) {
		const struct sbx_pinned_node *pinned = &compiled->pinned[i];

		if (bpf_map_update_elem(*ret_fd, &pinned->node,
					&compiled->programs[pinned->program].id, BPF_NOEXIST))
			r = -errno;
	}
	return r;
}

static int make_ring(int *ret_fd)
{
	*ret_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sbx_ring_in", 0, 0, SBX_RING_BYTES, NULL);
	return *ret_fd < 0 ? -errno : 0;
}

static int make_dests(int *ret_fd)
{
	return make_inner(BPF_MAP_TYPE_HASH, "sbx_dests_in", sizeof(struct sbx_dest_key),
			  sizeof(struct sbx_dest), BPF_F_NO_PREALLOC, SBX_DESTS_MAX, ret_fd);
}

/* What the kernel notes of a job's DNS; none without domains. */
static int make_dns(const struct sbx_compiled *compiled, int *ret_grants_fd, int *ret_pendings_fd)
{
	int r = 0;

	if (!(compiled->job.dns & SBX_DNS_NAMES))
		return 0;
	r = make_inner(BPF_MAP_TYPE_HASH, "sbx_grants_in", sizeof(struct sbx_grant_key),
		       sizeof(struct sbx_grant), BPF_F_NO_PREALLOC, SBX_GRANTS_MAX, ret_grants_fd);
	if (!r)
		r = make_inner(BPF_MAP_TYPE_HASH, "sbx_pendings_in", sizeof(struct sbx_pending_key),
			       sizeof(struct sbx_pending), BPF_F_NO_PREALLOC, SBX_PENDINGS_MAX,
			       ret_pendings_fd);
	return r;
}

/* Everything that the job's entry refers to. */
static int put_maps(struct sbx_engine *engine, const struct sbx_compiled *compiled,
		    const struct sbx_binding *binding)
{
	sbx_cleanup(sbx_closep) int edges_fd = -1;
	sbx_cleanup(sbx_closep) int prefixes_fd = -1;
	sbx_cleanup(sbx_closep) int classes_fd = -1;
	sbx_cleanup(sbx_closep) int programs_fd = -1;
	sbx_cleanup(sbx_closep) int ring_fd = -1;
	sbx_cleanup(sbx_closep) int dests_fd = -1;
	sbx_cleanup(sbx_closep) int grants_fd = -1;
	sbx_cleanup(sbx_closep) int pendings_fd = -1;
	__u32 slot = sbx_slot(binding->policy);
	int r;

	r = make_edges(compiled, &edges_fd);
	if (!r)
		r = make_prefixes(compiled, &prefixes_fd);
	if (!r)
		r = make_classes(compiled, &classes_fd);
	if (!r)
		r = make_ring(&ring_fd);
	if (!r)
		r = make_dests(&dests_fd);
	if (!r && compiled->n_pinned)
		r = make_programs(compiled, &programs_fd);
	if (!r)
		r = make_dns(compiled, &grants_fd, &pendings_fd);
	if (!r) {
		struct outer_change changes[OUTER_MAPS] = {
			{ engine->map_fds[SBX_MAP_EDGES], { .slot = slot }, edges_fd, 0 },
			{ engine->map_fds[SBX_MAP_PREFIXES], { .slot = slot }, prefixes_fd, 0 },
			{ engine->map_fds[SBX_MAP_CLASSES], { .slot = slot }, classes_fd, 0 },
			{ engine->map_fds[SBX_MAP_RINGS], { binding->job }, ring_fd, 0 },
			{ engine->map_fds[SBX_MAP_DESTS], { binding->job }, dests_fd, 0 },
			{ engine->map_fds[SBX_MAP_PROGRAMS], { binding->policy }, programs_fd, 0 },
			{ engine->map_fds[SBX_MAP_GRANTS], { binding->job }, grants_fd, 0 },
			{ engine->map_fds[SBX_MAP_PENDINGS], { binding->job }, pendings_fd, 0 },
		};
		size_t n = OUTER_MAPS_ALWAYS;

		/* an outer map is not changed in vain */
		for (size_t i = n; i < OUTER_MAPS; i++) {
			if (changes[i].inner_fd >= 0)
				changes[n++] = changes[i];
		}
		r = change_all(changes, n);
	}
	if (r)
		return r;
	sbx_closep(&engine->ring_fd);
	sbx_closep(&engine->dests_fd);
	engine->ring_fd = SBX_TAKE(ring_fd, -1);
	engine->dests_fd = SBX_TAKE(dests_fd, -1);
	engine->bound_job = binding->job;
	return 0;
}

static int put_entry(const struct sbx_engine *engine, const struct sbx_binding *binding,
		     const struct sbx_job *job)
{
	__u32 slot = sbx_slot(binding->policy);

	return bpf_map_update_elem(engine->map_fds[SBX_MAP_JOBS], &slot, job, BPF_ANY) ? -errno : 0;
}

/* Takes the slot; nothing is allowed to the job yet, as its entry has another id. */
static int put_state(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
		     const struct sbx_binding *binding)
{
	const struct sbx_job job = { .policy = binding->policy, .cgroup = binding->cgroup };
	struct sbx_meter meter = { .id = binding->job };
	struct sbx_job_state state = { 0 };

	memcpy(meter.rate, compiled->rates, sizeof(meter.rate));
	if (bpf_map_update_elem(engine->map_fds[SBX_MAP_METERS], &binding->job, &meter,
				BPF_NOEXIST))
		return -errno;
	if (bpf_map_update_elem(engine->map_fds[SBX_MAP_STATE], &binding->job, &state, BPF_NOEXIST))
		return -errno;
	return put_entry(engine, binding, &job);
}

static int put_job(const struct sbx_engine *engine, const struct sbx_compiled *compiled,
		   const struct sbx_binding *binding)
{
	struct sbx_job job = compiled->job;
	int r;

	job.id = binding->job;
	job.policy = binding->policy;
	job.cgroup = binding->cgroup;
	r = put_entry(engine, binding, &job);
	if (!r && bpf_map_update_elem(engine->map_fds[SBX_MAP_SUBJECTS], &binding->cgroup,
				      &binding->job, BPF_NOEXIST))
		r = -errno;
	return r;
}

int sbx_engine_bind_locked(struct sbx_engine *engine, const struct sbx_compiled *compiled,
			   const char *cgroup_path, struct sbx_binding *ret_binding,
			   struct sbx_error *err)
{
	struct sbx_binding binding = { .cgroup = sbx_cgroup_id_of(cgroup_path) };
	int r;

	if (!binding.cgroup)
		return sbx_fail(err, ENOENT, NULL, "the cgroup \"%s\" is gone", cgroup_path);
	if (compiled->job.disk_write != SBX_LIMIT_NONE) {
		r = sbx_later_attach(engine, err);
		if (r)
			return r;
	}
	r = take_ids(engine, compiled->job.dns != 0, &binding.job, &binding.policy, err);
	if (r)
		return r;
	r = put_state(engine, compiled, &binding);
	if (!r)
		r = put_maps(engine, compiled, &binding);
	if (!r)
		r = put_job(engine, compiled, &binding);
	if (r) {
		(void)sbx_engine_release(engine, &binding);
		return sbx_fail(err, -r,
				r == -EEXIST  ? "end the job that has this cgroup first"
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

/* Has the cgroup none below it, not even such as were removed and still have an entry? */
static bool is_childless(const struct sbx_engine *engine, __u64 cgroup)
{
	unsigned int living, dying;
	char path[4096 + sizeof("/cgroup.stat")];
	FILE *file;
	int n;

	if (sbx_cgroup_path_of(engine, cgroup, path, 4096))
		return false;
	memcpy(path + strlen(path), "/cgroup.stat", sizeof("/cgroup.stat"));
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fscanf(file, "nr_descendants %u nr_dying_descendants %u", &living, &dying);
	(void)fclose(file);
	return n == 2 && !living && !dying;
}

/* Removes every subject that names the job: its cgroup and child cgroups not yet released. */
static void remove_subjects(const struct sbx_engine *engine, const struct sbx_binding *binding)
{
	int fd = engine->map_fds[SBX_MAP_SUBJECTS];
	__u64 key, next, job;
	int r;

	if (!bpf_map_lookup_elem(fd, &binding->cgroup, &job) && job == binding->job)
		(void)bpf_map_delete_elem(fd,
					  &binding->cgroup); /* the kernel may have been first */
	if (is_childless(engine, binding->cgroup))
		return; /* reading the whole map costs a quarter of a million instructions */
	r = bpf_map_get_next_key(fd, NULL, &next);
	while (!r) {
		key = next;
		r = bpf_map_get_next_key(fd, &key, &next);
		if (!bpf_map_lookup_elem(fd, &key, &job) && job == binding->job)
			(void)bpf_map_delete_elem(fd, &key); /* the kernel may have been first */
	}
}

int sbx_engine_keep(struct sbx_engine *engine, int pid_fd)
{
	const __u32 one = 1;

	return bpf_map_update_elem(engine->map_fds[SBX_MAP_KEEPERS], &pid_fd, &one, BPF_ANY)
		       ? -errno
		       : 0;
}

/* What the entry of a job that is released said. */
struct ended {
	bool owner;  /* the slot is still this policy's: nobody else has released it */
	bool no_dns; /* the job was bound to the end, and without domains */
};

/* From here on the job's id is no longer found. */
static struct ended empty_entry(const struct sbx_engine *engine, const struct sbx_binding *binding)
{
	__u32 slot = sbx_slot(binding->policy);
	struct ended ended = { 0 };
	struct sbx_job job;

	if (!binding->policy || bpf_map_lookup_elem(engine->map_fds[SBX_MAP_JOBS], &slot, &job) ||
	    job.policy != binding->policy)
		return ended;
	ended.no_dns = job.id == binding->job && !(job.dns & SBX_DNS_NAMES);
	job = (struct sbx_job){ .policy = binding->policy, .cgroup = binding->cgroup };
	ended.owner = !put_entry(engine, binding, &job);
	return ended;
}

/* The maps that the job's entry refers to; the slot, if it is its own, is free afterwards. */
static int remove_maps(struct sbx_engine *engine, const struct sbx_binding *binding,
		       const struct ended *ended)
{
	__u32 slot = sbx_slot(binding->policy);
	struct outer_change changes[OUTER_MAPS] = {
		{ engine->map_fds[SBX_MAP_EDGES], { .slot = slot }, -1, 0 },
		{ engine->map_fds[SBX_MAP_PREFIXES], { .slot = slot }, -1, 0 },
		{ engine->map_fds[SBX_MAP_CLASSES], { .slot = slot }, -1, 0 },
		{ engine->map_fds[SBX_MAP_RINGS], { binding->job }, -1, 0 },
		{ engine->map_fds[SBX_MAP_DESTS], { binding->job }, -1, 0 },
		{ engine->map_fds[SBX_MAP_PROGRAMS], { binding->policy }, -1, 0 },
		{ engine->map_fds[SBX_MAP_GRANTS], { binding->job }, -1, 0 },
		{ engine->map_fds[SBX_MAP_PENDINGS], { binding->job }, -1, 0 },
	};
	static const struct sbx_job none;
	/* removing what is not there costs a grace period, too */
	size_t n = ended->no_dns ? OUTER_MAPS - OUTER_MAPS_DNS : OUTER_MAPS;
	int r;

	if (!ended->owner)
		return change_all(changes + MAPS_BY_SLOT, n - MAPS_BY_SLOT);
	r = change_all(changes, n);
	return r ? r : put_entry(engine, binding, &none);
}

int sbx_engine_release(struct sbx_engine *engine, const struct sbx_binding *binding)
{
	static const enum sbx_map by_job[] = { SBX_MAP_STATE, SBX_MAP_METERS };
	struct ended ended;
	int r;

	remove_subjects(engine, binding);
	ended = empty_entry(engine, binding);
	r = remove_maps(engine, binding, &ended);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(by_job); i++) {
		if (bpf_map_delete_elem(engine->map_fds[by_job[i]], &binding->job) &&
		    errno != ENOENT)
			r = -errno;
	}
	return r;
}

int sbx_engine_state(struct sbx_engine *engine, __u64 job, struct sbx_job_state *ret_state)
{
	return bpf_map_lookup_elem(engine->map_fds[SBX_MAP_STATE], &job, ret_state) ? -errno : 0;
}

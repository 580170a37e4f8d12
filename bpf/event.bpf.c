// SPDX-License-Identifier: GPL-2.0-only
/*
 * One record of a job's ring.  The sequence number is taken before the space is reserved, so a
 * reader can tell exactly which records are missing.
 */
#include "event.bpf.h"

/* Where a record with a path is put together: made for a task at its first such refusal. */
struct sbx_record {
	struct sbx_event event;
	char path[SBX_PATH_MAX + 256]; /* a whole name can always be written at the last offset */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sbx_record);
} sbx_records SEC(".maps");

struct fill {
	struct sbx_task *t;
	struct sbx_record *record;
};

/* Writes "/name" behind what is there; components go from the root down. */
static long fill_step(__u32 i, struct fill *c)
{
	struct sbx_task *t = c->t;
	struct sbx_record *record = c->record;
	const struct dentry *dentry;
	struct qstr name = {};
	__u32 off = record->event.path_len;
	__u32 n = t->walk.n;
	__u32 len;

	if (!n)
		return 1;
	n--;
	t->walk.n = n;
	dentry = (const void *)t->dentries[n & (SBX_DENTRY_SLOTS - 1)];
	bpf_core_read(&name, sizeof(name), &dentry->d_name);
	len = name.hash_len >> 32;
	if (len > 255 || off + 1 + len > SBX_PATH_MAX) {
		record->event.flags |= SBX_EVENT_TRUNCATED;
		return 1;
	}
	record->path[off & (SBX_PATH_MAX - 1)] = '/';
	off = (off + 1) & (SBX_PATH_MAX - 1);
	if (bpf_probe_read_kernel(&record->path[off], len & 255, name.name)) {
		record->path[off] = '?';
		len = 1;
		record->event.flags |= SBX_EVENT_UNREADABLE;
	}
	record->event.path_len = off + len;
	return 0;
}

static __always_inline void fill_path(struct sbx_task *t, struct sbx_record *record)
{
	struct fill c = { .t = t, .record = record };

	t->walk.n = t->walk.depth;
	bpf_loop(SBX_DENTRY_SLOTS, fill_step, &c, 0);
	if (!record->event.path_len) {
		record->path[0] = '/';
		record->event.path_len = 1;
	}
}

static __always_inline void fill_process(struct sbx_event *event)
{
	struct task_struct *task = bpf_get_current_task_btf();

	event->tid = BPF_CORE_READ(task, pid);
	event->pid = BPF_CORE_READ(task, tgid);
	event->ppid = BPF_CORE_READ(task, real_parent, tgid);
	event->uid = BPF_CORE_READ(task, cred, uid.val);
	event->gid = BPF_CORE_READ(task, cred, gid.val);
	event->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	bpf_core_read(&event->comm, sizeof(event->comm), &task->comm);
}

/* Everything but the path. */
static __always_inline void fill_head(struct sbx_event *event, const struct sbx_task *t,
				      const struct sbx_ask *ask, __u32 verdict)
{
	__builtin_memset(event, 0, sizeof(*event));
	event->time = bpf_ktime_get_boot_ns();
	event->job = ask->job;
	event->op = ask->op;
	event->guard = ask->guard;
	event->reason = ask->reason;
	event->verdict = verdict;
	event->wanted = ask->wanted;
	event->rights = ask->missing;
	event->node = ask->node;
	event->rule = ask->rule;
	event->object = ask->object;
	event->flags = ask->flags;
	event->error = ask->error;
	if (ask->object == SBX_OBJECT_ADDRESS)
		event->obj.address = ask->address;
	if (ask->object == SBX_OBJECT_PROCESS)
		event->obj.process = ask->process;
	if (ask->object == SBX_OBJECT_NUMBER)
		event->obj.number = ask->number;
	if (!ask->nobody)
		fill_process(event);
	if (t) {
		__builtin_memcpy(event->exe, t->exe, sizeof(event->exe));
		event->exe_len = t->exe_len;
		event->flags |= t->exe_flags;
	}
}

static __always_inline void fill_counters(struct sbx_event *event, struct sbx_job_state *state,
					  __u64 policy, __u64 seq)
{
	event->seq = seq;
	event->policy = policy;
	event->limited = state->limited;
}

/* A record with a path: its size varies, so it is put together first and then copied. */
static __always_inline struct sbx_record *make_record(struct sbx_task *t, const struct sbx_ask *ask,
						      __u32 verdict)
{
	struct sbx_record *record;

	record = bpf_task_storage_get(&sbx_records, bpf_get_current_task_btf(), 0,
				      BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (record) {
		fill_head(&record->event, t, ask, verdict);
		fill_path(t, record);
	}
	return record;
}

static __always_inline bool send_record(struct sbx_record *record, __u64 id, __u64 seq)
{
	struct sbx_job_state *state;
	struct sbx_job *job;
	__u64 size;
	void *ring;

	ring = bpf_map_lookup_elem(&sbx_rings, &id);
	job = sbx_job_get(id);
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!ring || !job || !state)
		return false;
	fill_counters(&record->event, state, job->policy, seq);
	size = sizeof(record->event) + record->event.path_len;
	if (size > sizeof(*record))
		return false;
	return !bpf_ringbuf_output(ring, record, size, 0);
}

/* A record with a DNS name behind it, always with room for the longest. */
struct named_event {
	struct sbx_event event;
	__u8 wire[SBX_DNS_NAME_MAX + 1];
};

/* A record without a path; `name` is a constant NULL, or never NULL. */
static __always_inline bool emit(struct sbx_task *t, const struct sbx_ask *ask,
				 const struct sbx_dns_name *name, __u32 verdict, __u64 seq)
{
	struct sbx_job_state *state;
	struct named_event *record;
	struct sbx_job *job;
	__u64 id = ask->job;
	void *ring;

	ring = bpf_map_lookup_elem(&sbx_rings, &id);
	job = sbx_job_get(id);
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!ring || !job || !state)
		return false;
	record = bpf_ringbuf_reserve(ring, name ? sizeof(*record) : sizeof(record->event), 0);
	if (!record)
		return false;
	fill_head(&record->event, t, ask, verdict);
	fill_counters(&record->event, state, job->policy, seq);
	if (name) {
		record->event.path_len = name->len;
		__builtin_memcpy(record->wire, name->wire, sizeof(record->wire));
	}
	bpf_ringbuf_submit(record, 0);
	return true;
}

static __always_inline __u64 next_seq(__u64 id)
{
	struct sbx_job_state *state = bpf_map_lookup_elem(&sbx_job_state, &id);

	return state ? __sync_fetch_and_add(&state->seq, 1) + 1 : 0;
}

static __always_inline void count_lost(__u64 id)
{
	struct sbx_job_state *state = bpf_map_lookup_elem(&sbx_job_state, &id);

	if (state)
		__sync_fetch_and_add(&state->lost, 1);
}

int sbx_event_plain(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict)
{
	__u64 seq;

	if (!ask)
		return 0;
	seq = next_seq(ask->job);
	if (seq && !emit(t, ask, 0, verdict, seq))
		count_lost(ask->job);
	return 0;
}

int sbx_event_name(struct sbx_ask *ask, const struct sbx_dns_name *name, __u32 verdict)
{
	__u64 seq;

	if (!ask || !name)
		return 0;
	seq = next_seq(ask->job);
	if (seq && !emit(0, ask, name, verdict, seq))
		count_lost(ask->job);
	return 0;
}

int sbx_event_path(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict)
{
	struct sbx_record *record;
	__u64 seq;

	if (!t || !ask)
		return 0;
	record = make_record(t, ask, verdict);
	seq = next_seq(ask->job);
	if (seq && (!record || !send_record(record, ask->job, seq)))
		count_lost(ask->job);
	return 0;
}

int sbx_event_hold(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict)
{
	const struct dentry *dentry;

	if (!t || !ask)
		return 0;
	dentry = (const void *)t->dentries[0];
	if (verdict == SBX_VERDICT_WOULD_DENY)
		ask->error = 0;
	make_record(t, ask, verdict); /* without memory it is counted as lost when it is settled */
	t->held_parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	t->held_name = BPF_CORE_READ(dentry, d_name.hash_len);
	return 0;
}

int sbx_event_settle(struct sbx_task *t)
{
	struct sbx_job_state *state;
	struct sbx_record *record;
	struct sbx_job *job;
	__u64 id, seq;

	if (!t)
		return 0;
	t->held_parent = 0;
	id = t->job;
	job = sbx_job_get(id);
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!job || !state)
		return 0;
	__sync_fetch_and_add(&state->refused, 1);
	if (!sbx_event_wanted(job, state))
		return 0;
	record = bpf_task_storage_get(&sbx_records, bpf_get_current_task_btf(), 0, 0);
	seq = next_seq(id);
	if (seq && (!record || !send_record(record, id, seq)))
		count_lost(id);
	return 0;
}

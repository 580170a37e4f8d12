// SPDX-License-Identifier: GPL-2.0-only
/*
 * The budget of bytes that a job may write to files (limits.disk_write).  Taken before the write
 * and never given back, so that no number of threads gets more through than there is.
 */
#include "decide.bpf.h"
#include "disk.bpf.h"

/* The budget of the job, or ~0: there is none.  A job without an entry has nothing to write. */
static __always_inline __u64 budget_of(__u64 id, __u32 *mode)
{
	struct sbx_job *job = sbx_job_get(id);
	__u64 budget;

	if (!job)
		return 0;
	budget = job->disk_write;
	*mode = job->mode;
	return job->id == id ? budget : 0;
}

int sbx_disk_take(struct sbx_task *t, __u64 bytes)
{
	struct sbx_job_state *state;
	__u64 id, budget, used;
	__u32 mode = SBX_MODE_ENFORCE;

	if (!t)
		return EACCES;
	id = t->job;
	budget = budget_of(id, &mode);
	if (budget == ~0ull)
		return 0;
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!state)
		return EACCES;
	used = __sync_fetch_and_add(&state->disk_used, bytes);
	if (used <= budget && bytes <= budget - used)
		return 0;
	__sync_fetch_and_add(&state->disk_refused, 1);
	if (mode == SBX_MODE_AUDIT)
		return 0;
	__sync_fetch_and_add(&state->disk_used, -bytes);
	return EDQUOT;
}

int sbx_disk_spent(struct sbx_task *t)
{
	struct sbx_job_state *state;
	__u64 id, budget;
	__u32 mode = SBX_MODE_ENFORCE;

	if (!t)
		return EACCES;
	id = t->job;
	budget = budget_of(id, &mode);
	if (budget == ~0ull)
		return 0;
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!state)
		return EACCES;
	if (state->disk_used < budget)
		return 0;
	__sync_fetch_and_add(&state->disk_refused, 1);
	return mode == SBX_MODE_AUDIT ? 0 : EDQUOT;
}

/* They will be written whatever we say, so the count goes on beyond the budget. */
int sbx_disk_dirty(struct sbx_task *t, __u64 bytes, __u64 slack)
{
	struct sbx_job_state *state;
	__u64 id, budget, used;
	__u32 mode = SBX_MODE_ENFORCE;

	if (!t)
		return 0;
	id = t->job;
	budget = budget_of(id, &mode);
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (budget == ~0ull || !state)
		return 0;
	used = __sync_fetch_and_add(&state->disk_used, bytes) + bytes;
	if (used <= budget || used - budget <= slack || mode == SBX_MODE_AUDIT)
		return 0;
	__sync_fetch_and_add(&state->disk_killed, 1);
	bpf_send_signal(SIGKILL);
	return 0;
}

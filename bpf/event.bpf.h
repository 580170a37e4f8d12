/* SPDX-License-Identifier: GPL-2.0-only */
/* Refusal -> record in the job's ring. */
#ifndef SBX_EVENT_BPF_H
#define SBX_EVENT_BPF_H

#include "decide.bpf.h"

/* Counts against the job's rate; false: do not record. At most `rate` records a second. */
static __always_inline bool sbx_event_wanted(const struct sbx_job *job, struct sbx_job_state *state)
{
	__u32 rate = job->rate;
	__u64 second, seen;

	if (!rate)
		return true;
	second = bpf_ktime_get_boot_ns() / 1000000000ull;
	seen = state->window;
	if (seen != second && __sync_val_compare_and_swap(&state->window, seen, second) == seen)
		state->window_count = 0;
	if (__sync_fetch_and_add(&state->window_count, 1) < rate)
		return true;
	__sync_fetch_and_add(&state->limited, 1);
	return false;
}

/*
 * Records the refusal, or counts it as lost.  Always returns 0: no verdict depends on it.
 * sbx_event_path adds the path that was climbed into `t`, sbx_event_name a DNS name.
 */
int sbx_event_plain(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict);
int sbx_event_path(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict);
int sbx_event_name(struct sbx_ask *ask, const struct sbx_dns_name *name, __u32 verdict);

/*
 * Puts a record together but does not count or send it yet.  open(O_CREAT) asks whether the file
 * may be made before the kernel knows whether it is there: if it is, nothing was refused.
 * sbx_subject() settles what is held when the task meets the next hook, or exits.
 */
int sbx_event_hold(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict);

#endif /* SBX_EVENT_BPF_H */

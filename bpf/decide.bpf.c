// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict.  Subject not ours never gets here.  Subject ours and anything missing, truncated
 * or unknown: deny, count it, give the reason.  The verdict never depends on the event: a full
 * ring loses a record, never a refusal.
 */
#include "decide.bpf.h"
#include "event.bpf.h"

/* The guard's action under this job; a missing or unknown one denies. */
static __always_inline __u32 guard_action(const struct sbx_job *job, __u32 guard)
{
	__u32 action;

	if (!guard)
		return SBX_ACTION_DENY;
	action = job->guards[guard & (SBX_GUARDS_MAX - 1)];
	if (action == SBX_ACTION_INVALID_ || action >= SBX_ACTION_MAX_)
		return SBX_ACTION_DENY;
	return action;
}

static __always_inline __u32 verdict_of(__u32 action, __u32 mode)
{
	if (action == SBX_ACTION_LOG)
		return SBX_VERDICT_LOGGED;
	if (mode == SBX_MODE_AUDIT)
		return SBX_VERDICT_WOULD_DENY;
	if (action == SBX_ACTION_KILL)
		return SBX_VERDICT_KILLED;
	if (action == SBX_ACTION_QUARANTINE)
		return SBX_VERDICT_QUARANTINED;
	return SBX_VERDICT_DENIED;
}

static __always_inline void quarantine(struct sbx_job_state *state)
{
	state->quarantined = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&sbx_quarantines, 1);
}

static __always_inline void record(struct sbx_task *t, struct sbx_ask *ask, __u32 verdict,
				   bool with_path, const struct sbx_dns_name *name)
{
	if (with_path)
		sbx_event_path(t, ask, verdict);
	else if (name)
		sbx_event_name(ask, name, verdict);
	else
		sbx_event_plain(t, ask, verdict);
}

static __always_inline int refuse(struct sbx_task *t, struct sbx_ask *ask, bool with_path,
				  const struct sbx_dns_name *name)
{
	struct sbx_job_state *state;
	struct sbx_job *job;
	struct sbx_meta *meta;
	__u32 action, verdict, error;
	__u64 id;

	if (!ask)
		return EACCES;
	id = ask->job;
	error = ask->error;
	job = sbx_job_get(id);
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	if (!job || !state) {
		meta = sbx_meta_get();
		if (meta)
			__sync_fetch_and_add(&meta->no_policy, 1);
		return error;
	}
	action = guard_action(job, ask->guard);
	if (ask->soft && action > SBX_ACTION_DENY)
		action = SBX_ACTION_DENY;
	if (ask->firm && action < SBX_ACTION_DENY) {
		if (action == SBX_ACTION_ALLOW)
			ask->guard = 0;
		action = SBX_ACTION_DENY;
	}
	if (ask->hard && action == SBX_ACTION_DENY)
		action = SBX_ACTION_KILL;
	if (sbx_is_quarantined(id)) {
		action = SBX_ACTION_DENY;
		ask->reason = SBX_REASON_QUARANTINE;
	}
	if (action == SBX_ACTION_ALLOW)
		return 0;
	verdict = verdict_of(action, job->mode);
	if (with_path && ask->hold) {
		sbx_event_hold(t, ask, verdict);
		return verdict == SBX_VERDICT_WOULD_DENY ? 0 : error;
	}
	if (ask->quiet)
		return verdict >= SBX_VERDICT_DENIED ? error : 0;
	if (verdict != SBX_VERDICT_LOGGED)
		__sync_fetch_and_add(&state->refused, 1);
	if (ask->guard)
		__sync_fetch_and_add(&state->escapes[ask->guard & (SBX_GUARDS_MAX - 1)], 1);
	if (verdict == SBX_VERDICT_QUARANTINED)
		quarantine(state);
	if (verdict == SBX_VERDICT_LOGGED || verdict == SBX_VERDICT_WOULD_DENY || ask->untold)
		ask->error = 0;
	if (sbx_event_wanted(job, state)) {
		record(t, ask, verdict, with_path, name);
	}
	if (verdict == SBX_VERDICT_LOGGED || verdict == SBX_VERDICT_WOULD_DENY)
		return 0;
	if (verdict == SBX_VERDICT_KILLED)
		return error | SBX_CODE_KILL;
	return error;
}

int sbx_refuse(struct sbx_task *t, struct sbx_ask *ask)
{
	return refuse(t, ask, false, 0);
}

int sbx_refuse_path(struct sbx_task *t, struct sbx_ask *ask)
{
	return refuse(t, ask, true, 0);
}

int sbx_refuse_name(struct sbx_ask *ask, const struct sbx_dns_name *name)
{
	return refuse(0, ask, false, name);
}

#define CHANGES (SBX_RIGHT_WRITE | SBX_RIGHT_CREATE | SBX_RIGHT_DELETE | SBX_RIGHT_ATTR)

/*
 * Would this change a file that the policy lets the job execute but not write, or that it pins?
 * Making a new one is a plain violation.
 */
static __always_inline bool is_tampering(const struct sbx_task *t, __u32 rights)
{
	const struct dentry *dentry = (const void *)t->dentries[0];
	const struct inode *inode;

	if (!(t->walk.flags & (SBX_EDGE_PROGRAM | SBX_EDGE_PINNED)) || !(rights & CHANGES) ||
	    !t->walk.depth)
		return false;
	inode = BPF_CORE_READ(dentry, d_inode);
	return inode && (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFREG;
}

static __always_inline int refuse_here(struct sbx_task *t, __u32 op, __u32 wanted, __u32 missing,
				       __u32 reason, __u32 flags)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, 0, reason, EACCES);

	ask->wanted = wanted;
	ask->missing = missing;
	ask->node = t->walk.any_denied & missing ? t->walk.any_node : t->walk.node;
	ask->object = SBX_OBJECT_PATH;
	ask->flags = flags & ~SBX_HOLD;
	ask->hold = flags & SBX_HOLD;
	if (reason == SBX_REASON_RULE && !ask->hold) {
		if ((t->walk.flags & SBX_EDGE_OWN) && (missing & CHANGES))
			ask->guard = SBX_GUARD_SELF_PROTECT;
		else if (is_tampering(t, missing))
			ask->guard = SBX_GUARD_EXEC_TAMPER;
		ask->firm = !!ask->guard;
	}
	return sbx_refuse_path(t, ask);
}

int sbx_decide_path(struct sbx_task *t, __u32 op, __u32 wanted, __u32 flags)
{
	__u32 missing;

	if (!t)
		return EACCES;
	if (t->walk.end == SBX_WALK_INTERNAL || t->walk.end == SBX_WALK_PSEUDO)
		return 0;
	if (sbx_is_quarantined(t->job))
		return refuse_here(t, op, wanted, wanted, SBX_REASON_QUARANTINE, flags);
	missing = wanted & ~t->walk.allowed;
	if (missing)
		return refuse_here(t, op, wanted, missing, SBX_REASON_RULE, flags);
	if (!(t->walk.flags & SBX_EDGE_PINNED) || !is_tampering(t, wanted))
		return 0;
	return sbx_guard_path(t, op, SBX_GUARD_EXEC_TAMPER);
}

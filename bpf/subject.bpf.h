/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who asks: the current task's job.  The hot path asks task storage alone; a miss means "not
 * ours", unless a storage could ever not be made (miss_checks).
 */
#ifndef SBX_SUBJECT_BPF_H
#define SBX_SUBJECT_BPF_H

#include "maps.bpf.h"

static __always_inline struct sbx_meta *sbx_meta_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sbx_meta, &zero);
}

/* The job's entry, or NULL.  The slot may be reused under the caller: see struct sbx_job. */
static __always_inline struct sbx_job *sbx_job_get(__u64 id)
{
	__u32 slot = sbx_slot(id);
	struct sbx_job *job = bpf_map_lookup_elem(&sbx_jobs, &slot);

	return job && job->id == id ? job : 0;
}

/* A policy's map in one of the arrays, or NULL. */
#define sbx_policy_map(outer, policy)                 \
	({                                            \
		__u32 slot_ = sbx_slot(policy);       \
		bpf_map_lookup_elem((outer), &slot_); \
	})

static __always_inline __u64 sbx_cgroup_id(const struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, kn, id);
}

/* The job to which a cgroup belongs, or 0. */
static __always_inline __u64 sbx_cgroup_job(__u64 cgroup)
{
	__u64 *job = bpf_map_lookup_elem(&sbx_subjects, &cgroup);

	return job ? *job : 0;
}

/* Does the task that runs, by its cgroup, belong to the job?  Interrupts work for whoever comes. */
static __always_inline bool sbx_is_running(__u64 job)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return sbx_cgroup_job(sbx_cgroup_id(BPF_CORE_READ(task, cgroups, dfl_cgrp))) == job;
}

/* Takes a pointer to the storage of `task`, made and bound to `job` where it was missing. */
static __always_inline struct sbx_task *sbx_task_make(struct task_struct *task, __u64 job)
{
	struct sbx_task *t;

	t = bpf_task_storage_get(&sbx_tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (t) {
		if (!t->job)
			t->job = job;
		return t;
	}
	sbx_miss_checks = 1;
	return 0;
}

/*
 * The job of the current task by its cgroup and its ancestors, or 0.  The kernel inherits to
 * child cgroups by itself; the ancestors are for the one case in which that map was full.
 */
static __always_inline __u64 sbx_current_cgroup_job(void)
{
	__u64 job = sbx_cgroup_job(bpf_get_current_cgroup_id());
	int level;

	if (job)
		return job;
	for (level = 1; level < 16; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);

		if (!id)
			return 0;
		job = sbx_cgroup_job(id);
		if (job)
			return job;
	}
	return 0;
}

/*
 * Jails the current task if its cgroup belongs to a job.  Ours without storage is the orphan:
 * its job has no entry, so everything is denied.
 */
static __noinline struct sbx_task *sbx_subject_adopt(void)
{
	__u64 job = sbx_current_cgroup_job();
	struct sbx_task *t;
	__u32 zero = 0;

	if (!job)
		return 0;
	t = sbx_task_make(bpf_get_current_task_btf(), job);
	if (t)
		return t;
	t = bpf_map_lookup_elem(&sbx_orphan, &zero);
	if (t)
		t->job = SBX_JOB_ORPHAN;
	return t;
}

/* The current task if it belongs to a job, else NULL: not ours, allow at once. */
static __always_inline struct sbx_task *sbx_subject_find(void)
{
	struct sbx_task *t;

	t = bpf_task_storage_get(&sbx_tasks, bpf_get_current_task_btf(), 0, 0);
	if (t)
		return t->job ? t : 0;
	if (sbx_miss_checks)
		return sbx_subject_adopt();
	return 0;
}

/* Counts and sends the record that is held (event.bpf.h). */
int sbx_event_settle(struct sbx_task *t);

/* The same, for hooks that decide: what is held from the task's hook before was a refusal. */
static __always_inline struct sbx_task *sbx_subject(void)
{
	struct sbx_task *t = sbx_subject_find();

	if (t && t->held_parent)
		sbx_event_settle(t);
	return t;
}

/* The job of another task that a hook was given, or 0. */
static __always_inline __u64 sbx_task_job(struct task_struct *task)
{
	struct sbx_task *t = bpf_task_storage_get(&sbx_tasks, task, 0, 0);

	return t ? t->job : 0;
}

/*
 * The job of the process whose procfs directory this is, or 0.  By its cgroup, because a task
 * found through a directory entry is not a pointer that task storage would take.
 */
static __always_inline __u64 sbx_proc_dir_job(const struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct proc_inode *proc;
	struct hlist_node *first;
	struct task_struct *task;

	if (!inode || BPF_CORE_READ(inode, i_sb, s_magic) != PROC_SUPER_MAGIC)
		return 0;
	proc = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	first = BPF_CORE_READ(proc, pid, tasks[PIDTYPE_TGID].first);
	if (!first)
		return 0;
	task = (void *)first - bpf_core_field_offset(struct task_struct, pid_links[PIDTYPE_TGID]);
	return sbx_cgroup_job(sbx_cgroup_id(BPF_CORE_READ(task, cgroups, dfl_cgrp)));
}

#endif /* SBX_SUBJECT_BPF_H */

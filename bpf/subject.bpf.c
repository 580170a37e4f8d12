// SPDX-License-Identifier: GPL-2.0-only
/*
 * How tasks come to carry their job, and keep it: at fork, when a task enters a cgroup of a job,
 * at exec; and how child cgroups inherit.  Once jailed, jailed: nothing here removes a job from
 * a task.  Also the iterator that lists the tasks of all jobs.
 */
#include "program.bpf.h"
#include "walk.bpf.h"

const volatile __u64 sbx_rename_lock = 0;
const volatile __u64 sbx_mount_lock = 0;
__u32 sbx_miss_checks = 0;
__u32 sbx_quarantines = 0;

/* A child carries its parent's job; if that cannot be noted, there is no child. */
SEC("lsm/task_alloc")
int BPF_PROG(sbx_task_alloc, struct task_struct *task, __u64 clone_flags, int ret)
{
	const __u64 namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
	struct sbx_task *t, *child;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t) {
		/* Born into a job's cgroup by its launcher: not judged before it joins or
		 * executes, as long as no job is noted here, though cgroups be looked at. */
		if (sbx_miss_checks && clone_flags & CLONE_INTO_CGROUP)
			sbx_task_make(task, 0);
		return 0;
	}
	if (clone_flags & CLONE_INTO_CGROUP) {
		code = sbx_guard(t, SBX_OP_FORK, SBX_GUARD_CGROUP);
		if (code)
			return sbx_verdict(code);
	}
	if (clone_flags & namespaces) {
		code = sbx_guard_number(t, SBX_OP_NAMESPACE, SBX_GUARD_NAMESPACE, clone_flags);
		if (code)
			return sbx_verdict(code);
	}
	child = sbx_task_make(task, t->job);
	if (!child)
		return -EPERM;
	child->top_mount = t->top_mount;
	child->top_seq = t->top_seq;
	child->exe_len = t->exe_len;
	child->exe_flags = t->exe_flags;
	__builtin_memcpy(child->exe, t->exe, sizeof(child->exe));
	return 0;
}

/* Whoever enters a job's cgroup is jailed; of a group of threads the others are found on a miss. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(sbx_attach, struct cgroup *cgroup, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	__u64 job = sbx_cgroup_job(sbx_cgroup_id(cgroup));

	if (!job)
		return 0;
	sbx_task_make(task, job);
	if (threadgroup && BPF_CORE_READ(task, signal, nr_threads) > 1)
		sbx_miss_checks = 1;
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(sbx_cg_mkdir, struct cgroup *cgroup, const char *path)
{
	__u64 parent = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	__u64 id = sbx_cgroup_id(cgroup);
	__u64 job = sbx_cgroup_job(parent);

	if (!job)
		return 0;
	if (bpf_map_update_elem(&sbx_subjects, &id, &job, BPF_ANY))
		sbx_miss_checks = 1;
	return 0;
}

SEC("tp_btf/cgroup_release")
int BPF_PROG(sbx_cg_release, struct cgroup *cgroup, const char *path)
{
	__u64 id = sbx_cgroup_id(cgroup);

	bpf_map_delete_elem(&sbx_subjects, &id);
	return 0;
}

/*
 * Exec always looks at the cgroup: a task that was cloned into a job's cgroup by someone outside
 * met no other hook of ours.  Its program file was opened before it was jailed, so ask here.
 */
SEC("lsm/bprm_check_security")
int BPF_PROG(sbx_exec_join, struct linux_binprm *bprm, int ret)
{
	struct sbx_task *t;
	struct file *file;
	int code;

	if (ret)
		return ret;
	t = bpf_task_storage_get(&sbx_tasks, bpf_get_current_task_btf(), 0, 0);
	if (t && t->job)
		return 0;
	t = sbx_subject_adopt();
	if (!t)
		return 0;
	file = bprm->file;
	code = sbx_ask_path(t, file->f_path.dentry, file->f_path.mnt, SBX_OP_EXEC, SBX_RIGHT_EXEC);
	return sbx_verdict(code ? code : sbx_check_program(t, file->f_inode, SBX_OP_EXEC));
}

/* What is held of a task that meets no further hook. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(sbx_exit, struct task_struct *task)
{
	sbx_subject();
	return 0;
}

struct exe_fill {
	struct sbx_task *t;
};

static long exe_step(__u32 i, struct exe_fill *c)
{
	struct sbx_task *t = c->t;
	const struct dentry *dentry;
	struct qstr name = {};
	__u32 off = t->exe_len;
	__u32 n = t->walk.n;
	__u32 len;

	if (!n)
		return 1;
	n--;
	t->walk.n = n;
	dentry = (const void *)t->dentries[n & (SBX_DENTRY_SLOTS - 1)];
	bpf_core_read(&name, sizeof(name), &dentry->d_name);
	len = name.hash_len >> 32;
	if (len > SBX_EXE_MAX / 2 - 1 || off >= SBX_EXE_MAX / 2) {
		t->exe_flags = SBX_EVENT_EXE_TRUNCATED;
		return 1;
	}
	t->exe[off & (SBX_EXE_MAX - 1)] = '/';
	off = (off + 1) & (SBX_EXE_MAX - 1);
	if (off > SBX_EXE_MAX / 2)
		return 1;
	bpf_probe_read_kernel(&t->exe[off], len & (SBX_EXE_MAX / 2 - 1), name.name);
	t->exe_len = off + len;
	return 0;
}

/* The new program's path, for events; the exec has succeeded when this runs. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(sbx_exec_done, struct linux_binprm *bprm)
{
	struct sbx_task *t = sbx_subject();
	struct exe_fill c = {};
	struct file *file;

	if (!t)
		return 0;
	file = bprm->file;
	t->exe_len = 0;
	t->exe_flags = 0;
	if (sbx_walk_any(t, file->f_path.dentry, file->f_path.mnt, true) ||
	    t->walk.end != SBX_WALK_TOP)
		return 0;
	c.t = t;
	t->walk.n = t->walk.depth;
	bpf_loop(SBX_DENTRY_SLOTS, exe_step, &c, 0);
	return 0;
}

/* One struct sbx_task_line for each task that names a job, or would when it meets a hook. */
SEC("iter/task")
int sbx_task_list(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct sbx_task_line line = {};
	struct sbx_task *t;

	if (!task)
		return 0;
	t = bpf_task_storage_get(&sbx_tasks, task, 0, 0);
	line.job =
		t ? t->job : sbx_cgroup_job(sbx_cgroup_id(BPF_CORE_READ(task, cgroups, dfl_cgrp)));
	if (!line.job)
		return 0;
	line.tgid = task->tgid;
	line.tid = task->pid;
	bpf_seq_write(seq, &line, sizeof(line));
	return 0;
}

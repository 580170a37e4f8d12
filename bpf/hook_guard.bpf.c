// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards about other processes and about identities.  sbx-bpf's own processes have a guard of
 * their own, whatever is tried on them.
 */
#include "guard.bpf.h"

/* A guard about another process. `soft`: deny at most; `quiet`: without an event. */
static __always_inline int guard_process(struct sbx_task *t, struct task_struct *target, __u32 op,
					 __u32 guard, __u32 detail, bool soft, bool quiet)
{
	bool keeper = bpf_task_storage_get(&sbx_keepers, target, 0, 0) != NULL;
	struct sbx_ask *ask = sbx_ask_start(t, op, keeper ? SBX_GUARD_SELF_PROTECT : guard,
					    SBX_REASON_GUARD, EPERM);

	ask->object = SBX_OBJECT_PROCESS;
	ask->soft = soft;
	ask->quiet = quiet;
	ask->process.pid = BPF_CORE_READ(target, tgid);
	ask->process.uid = BPF_CORE_READ(target, cred, uid.val);
	ask->process.detail = detail;
	bpf_core_read(ask->process.comm, sizeof(ask->process.comm), &target->comm);
	return sbx_refuse(t, ask);
}

/* Inside the job: free. Outside: never; looking (ps, /proc/1/exe) is denied, but nothing more. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(sbx_ptrace, struct task_struct *child, unsigned int mode, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t || sbx_task_job(child) == t->job)
		return 0;
	return sbx_verdict(guard_process(t, child, SBX_OP_PTRACE, SBX_GUARD_PTRACE, mode,
					 !(mode & PTRACE_MODE_ATTACH), mode & PTRACE_MODE_NOAUDIT));
}

/* The child asks to be traced: by a parent outside, that would give the job's memory away. */
SEC("lsm/ptrace_traceme")
int BPF_PROG(sbx_traceme, struct task_struct *parent, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t || sbx_task_job(parent) == t->job)
		return 0;
	return sbx_verdict(
		guard_process(t, parent, SBX_OP_PTRACE, SBX_GUARD_PTRACE, 0, false, false));
}

SEC("lsm/task_kill")
int BPF_PROG(sbx_kill, struct task_struct *target, void *info, int sig, void *cred, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t || sbx_task_job(target) == t->job)
		return 0;
	return sbx_verdict(guard_process(t, target, SBX_OP_SIGNAL, SBX_GUARD_SIGNAL_OUTSIDE, sig,
					 false, false));
}

/*
 * Making somebody else the owner of a descriptor's signals would be another way to send one.
 * F_SETOWN_EX names its target in memory that could change: refused for any.
 */
static __always_inline int set_owner(unsigned int cmd, unsigned long arg)
{
	__u64 self = bpf_get_current_pid_tgid();

	if (cmd == F_SETOWN && (!arg || arg == self >> 32 || arg == (__u32)self))
		return 0;
	return sbx_on_number(SBX_OP_SIGNAL, SBX_GUARD_SIGNAL_OUTSIDE, cmd);
}

/*
 * A lease makes everybody else who opens the file wait, for 45 seconds each time; a delegation
 * (Linux 6.19) does so with a directory's names.  So it takes what a change of the file takes.
 */
static __always_inline int take_lease(struct file *file)
{
	struct sbx_task *t = sbx_subject();

	if (!t)
		return 0;
	return sbx_verdict(sbx_ask_path(t, file->f_path.dentry, file->f_path.mnt, SBX_OP_LEASE,
					SBX_RIGHT_WRITE));
}

SEC("lsm/file_fcntl")
int BPF_PROG(sbx_fcntl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	if (ret)
		return ret;
	if ((cmd == F_SETLEASE && arg != F_UNLCK) || cmd == F_SETDELEG)
		return take_lease(file);
	return cmd == F_SETOWN || cmd == F_SETOWN_EX ? set_owner(cmd, arg) : 0;
}

/* Limits, priorities and placement of a process outside. */
static __always_inline int steer(struct task_struct *target)
{
	struct sbx_task *t = sbx_subject();

	if (!t || sbx_task_job(target) == t->job)
		return 0;
	return sbx_verdict(
		guard_process(t, target, SBX_OP_STEER, SBX_GUARD_SIGNAL_OUTSIDE, 0, false, false));
}

SEC("lsm/task_setrlimit")
int BPF_PROG(sbx_setrlimit, struct task_struct *target)
{
	return steer(target);
}

SEC("lsm/task_setscheduler")
int BPF_PROG(sbx_setsched, struct task_struct *target)
{
	return steer(target);
}

SEC("lsm/task_setnice")
int BPF_PROG(sbx_setnice, struct task_struct *target)
{
	return steer(target);
}

SEC("lsm/task_setioprio")
int BPF_PROG(sbx_setioprio, struct task_struct *target)
{
	return steer(target);
}

SEC("lsm/task_movememory")
int BPF_PROG(sbx_movememory, struct task_struct *target)
{
	return steer(target);
}

static __always_inline bool is_new_id(__u32 id, __u32 a, __u32 b, __u32 c)
{
	return id != a && id != b && id != c;
}

SEC("lsm/task_fix_setuid")
int BPF_PROG(sbx_setuid, struct cred *new, const struct cred *old, int flags, int ret)
{
	__u32 uid = old->uid.val, euid = old->euid.val, suid = old->suid.val;

	if (ret)
		return ret;
	if (!is_new_id(new->uid.val, uid, euid, suid) &&
	    !is_new_id(new->euid.val, uid, euid, suid) &&
	    !is_new_id(new->suid.val, uid, euid, suid) &&
	    !is_new_id(new->fsuid.val, uid, euid, suid))
		return 0;
	return sbx_on_number(SBX_OP_SETUID, SBX_GUARD_SETUID, new->euid.val);
}

SEC("lsm/task_fix_setgid")
int BPF_PROG(sbx_setgid, struct cred *new, const struct cred *old, int flags, int ret)
{
	__u32 gid = old->gid.val, egid = old->egid.val, sgid = old->sgid.val;

	if (ret)
		return ret;
	if (!is_new_id(new->gid.val, gid, egid, sgid) &&
	    !is_new_id(new->egid.val, gid, egid, sgid) &&
	    !is_new_id(new->sgid.val, gid, egid, sgid) &&
	    !is_new_id(new->fsgid.val, gid, egid, sgid))
		return 0;
	return sbx_on_number(SBX_OP_SETUID, SBX_GUARD_SETUID, new->egid.val);
}

SEC("lsm/task_fix_setgroups")
int BPF_PROG(sbx_setgroups, struct cred *new, const struct cred *old, int ret)
{
	return ret ? ret : sbx_on_plain(SBX_OP_SETUID, SBX_GUARD_SETUID);
}

/* A set-user-id or set-group-id program. */
SEC("lsm/bprm_creds_from_file")
int BPF_PROG(sbx_suid_exec, struct linux_binprm *bprm, struct file *file, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (ret)
		return ret;
	if (BPF_CORE_READ(bprm, cred, euid.val) == BPF_CORE_READ(task, cred, euid.val) &&
	    BPF_CORE_READ(bprm, cred, egid.val) == BPF_CORE_READ(task, cred, egid.val))
		return 0;
	return sbx_on_path(&file->f_path, SBX_OP_SETUID, SBX_GUARD_SETUID);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known ways out of a job, that is, the guards whose hooks are about nothing else.  (What is
 * opened is judged in hook_file.bpf.c, sockets in hook_socket.bpf.c, fork in subject.bpf.c.)
 */
#include "walk.bpf.h"

enum kernel_read_file_id {
	READING_MODULE = 2,
	READING_MODULE_COMPRESSED = 3,
	READING_KEXEC_IMAGE = 4,
	READING_KEXEC_INITRAMFS = 5,
};

enum kernel_load_data_id {
	LOADING_MODULE = 2,
	LOADING_KEXEC_IMAGE = 3,
	LOADING_KEXEC_INITRAMFS = 4,
};

#define IS_ENUM(value, type, name)                                                                 \
	(bpf_core_enum_value_exists(enum type, name) &&                                            \
	 (__u64)(value) == bpf_core_enum_value(enum type, name))

/* A guard about another process. `soft`: deny at most. */
static __always_inline int guard_process(struct sbx_task *t, struct task_struct *target, __u32 op,
					 __u32 guard, __u32 detail, bool soft)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, guard, SBX_REASON_GUARD, EPERM);

	ask->object = SBX_OBJECT_PROCESS;
	ask->soft = soft;
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
	if (mode & PTRACE_MODE_NOAUDIT)
		return -EPERM;
	return sbx_verdict(guard_process(t, child, SBX_OP_PTRACE, SBX_GUARD_PTRACE, mode,
					 !(mode & PTRACE_MODE_ATTACH)));
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
	return sbx_verdict(guard_process(t, parent, SBX_OP_PTRACE, SBX_GUARD_PTRACE, 0, false));
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
	return sbx_verdict(
		guard_process(t, target, SBX_OP_SIGNAL, SBX_GUARD_SIGNAL_OUTSIDE, sig, false));
}

/* A guard about a path. */
static __always_inline int guard_path(const struct path *path, __u32 op, __u32 guard)
{
	struct sbx_task *t = sbx_subject();

	if (!t)
		return 0;
	if (sbx_walk_any(t, path->dentry, path->mnt, true))
		t->walk.depth = 0; /* no path to show; the guard decides all the same */
	return sbx_verdict(sbx_guard_path(t, op, guard));
}

SEC("lsm/sb_mount")
int BPF_PROG(sbx_mount, const char *dev_name, const struct path *path, const char *type,
	     unsigned long flags, void *data, int ret)
{
	return ret ? ret : guard_path(path, SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/move_mount")
int BPF_PROG(sbx_move_mount, const struct path *from, const struct path *to, int ret)
{
	return ret ? ret : guard_path(to, SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sbx_pivot_root, const struct path *old_path, const struct path *new_path, int ret)
{
	return ret ? ret : guard_path(new_path, SBX_OP_PIVOT_ROOT, SBX_GUARD_MOUNT);
}

SEC("lsm/path_chroot")
int BPF_PROG(sbx_chroot, const struct path *path, int ret)
{
	return ret ? ret : guard_path(path, SBX_OP_CHROOT, SBX_GUARD_CHROOT);
}

/* A guard without an object. */
static __always_inline int guard_plain(__u32 op, __u32 guard)
{
	struct sbx_task *t = sbx_subject();

	return t ? sbx_verdict(sbx_guard(t, op, guard)) : 0;
}

static __always_inline int guard_number(__u32 op, __u32 guard, __u64 number)
{
	struct sbx_task *t = sbx_subject();

	return t ? sbx_verdict(sbx_guard_number(t, op, guard, number)) : 0;
}

SEC("lsm/sb_remount")
int BPF_PROG(sbx_remount, void *sb, void *mnt_opts, int ret)
{
	return ret ? ret : guard_plain(SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/sb_umount")
int BPF_PROG(sbx_umount, struct vfsmount *mnt, int flags, int ret)
{
	return ret ? ret : guard_plain(SBX_OP_UMOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/userns_create")
int BPF_PROG(sbx_userns, const struct cred *cred, int ret)
{
	return ret ? ret : guard_number(SBX_OP_NAMESPACE, SBX_GUARD_NAMESPACE, CLONE_NEWUSER);
}

/*
 * Some calls have no hook of their own but the check of CAP_SYS_ADMIN: these programs mark the
 * stretch in which that check means a guard.
 */
static __always_inline int mark(__u32 guard)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->cap_guard = guard;
	return 0;
}

SEC("fentry/ksys_unshare")
int BPF_PROG(sbx_unshare, unsigned long flags)
{
	const __u64 namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;

	return flags & namespaces ? mark(SBX_GUARD_NAMESPACE) : 0;
}

SEC("fexit/ksys_unshare")
int BPF_PROG(sbx_unshare_end, unsigned long flags, long ret)
{
	return mark(0);
}

SEC("fentry/" SYSCALL_FN("setns"))
int BPF_PROG(sbx_setns)
{
	return mark(SBX_GUARD_NAMESPACE);
}

SEC("fexit/" SYSCALL_FN("setns"))
int BPF_PROG(sbx_setns_end)
{
	return mark(0);
}

SEC("fentry/" SYSCALL_FN("mount_setattr"))
int BPF_PROG(sbx_mnt_attr)
{
	return mark(SBX_GUARD_MOUNT);
}

SEC("fexit/" SYSCALL_FN("mount_setattr"))
int BPF_PROG(sbx_mnt_attr_end)
{
	return mark(0);
}

SEC("fentry/" SYSCALL_FN("open_tree"))
int BPF_PROG(sbx_open_tree)
{
	return mark(SBX_GUARD_MOUNT);
}

SEC("fexit/" SYSCALL_FN("open_tree"))
int BPF_PROG(sbx_open_tree_e)
{
	return mark(0);
}

SEC("lsm/capable")
int BPF_PROG(sbx_capable, const struct cred *cred, void *ns, int cap, unsigned int opts, int ret)
{
	struct sbx_task *t;
	__u32 guard;

	if (ret)
		return ret;
	if (cap != CAP_SYS_ADMIN)
		return 0;
	t = sbx_subject();
	if (!t || !t->cap_guard)
		return 0;
	guard = t->cap_guard;
	return sbx_verdict(sbx_guard(
		t, guard == SBX_GUARD_MOUNT ? SBX_OP_MOUNT : SBX_OP_NAMESPACE, guard));
}

SEC("lsm/kernel_module_request")
int BPF_PROG(sbx_mod_request, char *name, int ret)
{
	return ret ? ret : guard_plain(SBX_OP_MODULE, SBX_GUARD_MODULE);
}

SEC("lsm/kernel_read_file")
int BPF_PROG(sbx_read_file, struct file *file, int id, bool contents, int ret)
{
	if (ret)
		return ret;
	if (IS_ENUM(id, kernel_read_file_id, READING_MODULE) ||
	    IS_ENUM(id, kernel_read_file_id, READING_MODULE_COMPRESSED))
		return guard_path(&file->f_path, SBX_OP_MODULE, SBX_GUARD_MODULE);
	if (IS_ENUM(id, kernel_read_file_id, READING_KEXEC_IMAGE) ||
	    IS_ENUM(id, kernel_read_file_id, READING_KEXEC_INITRAMFS))
		return guard_path(&file->f_path, SBX_OP_KEXEC, SBX_GUARD_KEXEC);
	return 0;
}

SEC("lsm/kernel_load_data")
int BPF_PROG(sbx_load_data, int id, bool contents, int ret)
{
	if (ret)
		return ret;
	if (IS_ENUM(id, kernel_load_data_id, LOADING_MODULE))
		return guard_plain(SBX_OP_MODULE, SBX_GUARD_MODULE);
	if (IS_ENUM(id, kernel_load_data_id, LOADING_KEXEC_IMAGE) ||
	    IS_ENUM(id, kernel_load_data_id, LOADING_KEXEC_INITRAMFS))
		return guard_plain(SBX_OP_KEXEC, SBX_GUARD_KEXEC);
	return 0;
}

/* The argument lists of bpf and perf_event_open differ between kernels: only the first is used. */
SEC("lsm/bpf")
int BPF_PROG(sbx_bpf, int cmd)
{
	return guard_number(SBX_OP_BPF, SBX_GUARD_BPF, cmd);
}

SEC("lsm/perf_event_open")
int BPF_PROG(sbx_perf)
{
	return guard_plain(SBX_OP_PERF, SBX_GUARD_PERF);
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
	if (!is_new_id(new->uid.val, uid, euid, suid) && !is_new_id(new->euid.val, uid, euid, suid) &&
	    !is_new_id(new->suid.val, uid, euid, suid) && !is_new_id(new->fsuid.val, uid, euid, suid))
		return 0;
	return guard_number(SBX_OP_SETUID, SBX_GUARD_SETUID, new->euid.val);
}

SEC("lsm/task_fix_setgid")
int BPF_PROG(sbx_setgid, struct cred *new, const struct cred *old, int flags, int ret)
{
	__u32 gid = old->gid.val, egid = old->egid.val, sgid = old->sgid.val;

	if (ret)
		return ret;
	if (!is_new_id(new->gid.val, gid, egid, sgid) && !is_new_id(new->egid.val, gid, egid, sgid) &&
	    !is_new_id(new->sgid.val, gid, egid, sgid) && !is_new_id(new->fsgid.val, gid, egid, sgid))
		return 0;
	return guard_number(SBX_OP_SETUID, SBX_GUARD_SETUID, new->egid.val);
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
	return guard_path(&file->f_path, SBX_OP_SETUID, SBX_GUARD_SETUID);
}

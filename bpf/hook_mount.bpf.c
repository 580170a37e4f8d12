// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts, the root directory and namespaces: what a job could change to make paths mean other
 * things, or to see what lies outside.
 */
#include "guard.bpf.h"

SEC("lsm/sb_mount")
int BPF_PROG(sbx_mount, const char *dev_name, const struct path *path, const char *type,
	     unsigned long flags, void *data, int ret)
{
	return ret ? ret : sbx_on_path(path, SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/move_mount")
int BPF_PROG(sbx_move_mount, const struct path *from, const struct path *to, int ret)
{
	return ret ? ret : sbx_on_path(to, SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sbx_pivot_root, const struct path *old_path, const struct path *new_path, int ret)
{
	return ret ? ret : sbx_on_path(new_path, SBX_OP_PIVOT_ROOT, SBX_GUARD_MOUNT);
}

SEC("lsm/path_chroot")
int BPF_PROG(sbx_chroot, const struct path *path, int ret)
{
	return ret ? ret : sbx_on_path(path, SBX_OP_CHROOT, SBX_GUARD_CHROOT);
}

SEC("lsm/sb_remount")
int BPF_PROG(sbx_remount, void *sb, void *mnt_opts, int ret)
{
	return ret ? ret : sbx_on_plain(SBX_OP_MOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/sb_umount")
int BPF_PROG(sbx_umount, struct vfsmount *mnt, int flags, int ret)
{
	return ret ? ret : sbx_on_plain(SBX_OP_UMOUNT, SBX_GUARD_MOUNT);
}

SEC("lsm/userns_create")
int BPF_PROG(sbx_userns, const struct cred *cred, int ret)
{
	return ret ? ret : sbx_on_number(SBX_OP_NAMESPACE, SBX_GUARD_NAMESPACE, CLONE_NEWUSER);
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
	/* all but what unshares no namespace: newer kernels know more flags */
	return flags & ~(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM) ? mark(SBX_GUARD_NAMESPACE) : 0;
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

/* Linux 6.15 and newer: open_tree and mount_setattr in one. */
SEC("fentry/" SYSCALL_FN("open_tree_attr"))
int BPF_PROG(sbx_tree_attr)
{
	return mark(SBX_GUARD_MOUNT);
}

SEC("fexit/" SYSCALL_FN("open_tree_attr"))
int BPF_PROG(sbx_tree_attr_e)
{
	return mark(0);
}

SEC("fentry/" SYSCALL_FN("fsopen"))
int BPF_PROG(sbx_fsopen)
{
	return mark(SBX_GUARD_MOUNT);
}

SEC("fexit/" SYSCALL_FN("fsopen"))
int BPF_PROG(sbx_fsopen_end)
{
	return mark(0);
}

SEC("fentry/" SYSCALL_FN("fsmount"))
int BPF_PROG(sbx_fsmount)
{
	return mark(SBX_GUARD_MOUNT);
}

SEC("fexit/" SYSCALL_FN("fsmount"))
int BPF_PROG(sbx_fsmount_end)
{
	return mark(0);
}

/* kexec_load asks for the same capability, and has hooks of its own. */
SEC("fentry/" SYSCALL_FN("reboot"))
int BPF_PROG(sbx_reboot)
{
	return mark(SBX_GUARD_KERNEL_CONTROL);
}

SEC("fexit/" SYSCALL_FN("reboot"))
int BPF_PROG(sbx_reboot_end)
{
	return mark(0);
}

static __always_inline __u32 op_of_mark(__u32 guard)
{
	if (guard == SBX_GUARD_MOUNT)
		return SBX_OP_MOUNT;
	return guard == SBX_GUARD_NAMESPACE ? SBX_OP_NAMESPACE : SBX_OP_CAPABILITY;
}

/* Capabilities whose every use steers what all processes of the host share. */
static __always_inline __u32 guard_of_capability(int cap)
{
	if (cap == CAP_SYS_RAWIO) /* iopl, ioperm: ports without a device node */
		return SBX_GUARD_RAW_DEVICE;
	if (cap == CAP_NET_ADMIN || cap == CAP_SYS_PACCT || cap == CAP_SYS_TIME)
		return SBX_GUARD_KERNEL_CONTROL;
	return 0;
}

static __always_inline int use_capability(int cap, __u32 guard, bool quiet)
{
	struct sbx_task *t = sbx_subject();
	struct sbx_ask *ask;

	if (!t)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_CAPABILITY, guard, SBX_REASON_GUARD, EPERM);
	ask->object = SBX_OBJECT_NUMBER;
	ask->number = cap;
	ask->quiet = quiet;
	return sbx_verdict(sbx_refuse(t, ask));
}

SEC("lsm/capable")
int BPF_PROG(sbx_capable, const struct cred *cred, void *ns, int cap, unsigned int opts, int ret)
{
	struct sbx_task *t;
	__u32 guard;

	if (ret)
		return ret;
	guard = guard_of_capability(cap);
	if (guard)
		return use_capability(cap, guard, opts & CAP_OPT_NOAUDIT);
	if (cap != CAP_SYS_ADMIN && cap != CAP_SYS_BOOT)
		return 0;
	t = sbx_subject();
	if (!t || !t->cap_guard)
		return 0;
	guard = t->cap_guard;
	return sbx_verdict(sbx_guard(t, op_of_mark(guard), guard));
}

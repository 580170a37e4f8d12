// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounts, the root directory and namespaces: what a job could change to make paths mean other
 * things, or to see what lies outside.  Calls without a hook of their own (unshare, setns,
 * open_tree, fsopen ...) are told by their check of a capability: hook_capable.bpf.c.
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What belongs to a file besides its content: mode, owner, times, extended attributes.  Some of
 * these hooks get a dentry without its mount, so the mount is noted where the kernel takes write
 * access to it just before, and used once, if it fits the superblock; else: deny, no-mount.
 */
#include "disk.bpf.h"
#include "guard.bpf.h"

#define ATTR_MODE (1 << 0)
#define ATTR_UID (1 << 1)
#define ATTR_GID (1 << 2)
#define ATTR_SIZE (1 << 3)
#define ATTR_ATIME (1 << 4)
#define ATTR_MTIME (1 << 5)
#define ATTR_FORCE (1 << 9)

SEC("fentry/mnt_want_write")
int BPF_PROG(sbx_want_write, struct vfsmount *mnt)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->want_mount = (__u64)mnt;
	return 0;
}

/* From Linux 6.7 on, overlayfs takes write access to its upper mount by this one. */
SEC("fentry/mnt_get_write_access")
int BPF_PROG(sbx_get_write, struct vfsmount *mnt)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->want_mount = (__u64)mnt;
	return 0;
}

SEC("fentry/mnt_want_write_file")
int BPF_PROG(sbx_want_writef, struct file *file)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->want_mount = (__u64)file->f_path.mnt;
	return 0;
}

/* A question about a dentry whose mount was noted. */
static __always_inline int ask_dentry(struct sbx_task *t, struct dentry *dentry, __u32 op)
{
	struct vfsmount *mnt = (struct vfsmount *)t->want_mount;

	if (!mnt || BPF_CORE_READ(mnt, mnt_sb) != BPF_CORE_READ(dentry, d_sb)) {
		t->walk.depth = 0;
		return sbx_refuse_walk(t, op, SBX_RIGHT_ATTR, SBX_REASON_NO_MOUNT);
	}
	/* overlayfs sets several attributes of its upper file under one write access */
	if (!sbx_is_err((__u64)BPF_CORE_READ(sbx_real_mount(mnt), mnt_ns)))
		t->want_mount = 0;
	return sbx_ask_path_untyped(t, dentry, mnt, op, SBX_RIGHT_ATTR);
}

/* A set-user-ID program outlives the job, and lends whoever starts it the job's identity. */
SEC("lsm/path_chmod")
int BPF_PROG(sbx_chmod, const struct path *path, unsigned short mode, int ret)
{
	struct sbx_task *t;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	code = sbx_ask_path(t, path->dentry, path->mnt, SBX_OP_CHMOD, SBX_RIGHT_ATTR);
	if (!code && sbx_lends_identity(mode) &&
	    (BPF_CORE_READ(path, dentry, d_inode, i_mode) & S_IFMT) == S_IFREG)
		code = sbx_guard_path(t, SBX_OP_CHMOD, SBX_GUARD_SETUID);
	return sbx_verdict(code);
}

SEC("lsm/path_chown")
int BPF_PROG(sbx_chown, const struct path *path, __u32 uid, __u32 gid, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(sbx_ask_path(t, path->dentry, path->mnt, SBX_OP_CHOWN, SBX_RIGHT_ATTR));
}

/* Only times: mode, owner and size have hooks with a path; the rest is the kernel's own doing. */
static __always_inline int setattr(struct dentry *dentry, const struct iattr *attr)
{
	unsigned int valid = attr->ia_valid;
	struct inode *inode;
	struct sbx_task *t;

	inode = dentry->d_inode;
	if ((valid & ATTR_SIZE) && inode && attr->ia_size > inode->i_size)
		return sbx_errno(sbx_disk_grow(inode));
	if (!(valid & (ATTR_ATIME | ATTR_MTIME)) ||
	    (valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE | ATTR_FORCE)))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(ask_dentry(t, dentry, SBX_OP_UTIMES));
}

SEC("lsm/inode_setattr")
int BPF_PROG(sbx_setattr, void *idmap, struct dentry *dentry, struct iattr *attr, int ret)
{
	if (ret)
		return ret;
	return setattr(dentry, attr);
}

/* Linux before 6.2 has no first argument; the loader takes the one that fits. */
SEC("lsm/inode_setattr")
int BPF_PROG(sbx_setattr_2, struct dentry *dentry, struct iattr *attr, int ret)
{
	if (ret)
		return ret;
	return setattr(dentry, attr);
}

static __always_inline int xattr(struct dentry *dentry)
{
	struct sbx_task *t = sbx_subject();

	if (!t)
		return 0;
	return sbx_verdict(ask_dentry(t, dentry, SBX_OP_XATTR));
}

SEC("lsm/inode_setxattr")
int BPF_PROG(sbx_setxattr, void *idmap, struct dentry *dentry)
{
	return xattr(dentry);
}

SEC("lsm/inode_removexattr")
int BPF_PROG(sbx_rmxattr, void *idmap, struct dentry *dentry)
{
	return xattr(dentry);
}

/* From Linux 6.2 on, access control lists no longer come through inode_setxattr. */
SEC("lsm/inode_set_acl")
int BPF_PROG(sbx_set_acl, void *idmap, struct dentry *dentry)
{
	return xattr(dentry);
}

SEC("lsm/inode_remove_acl")
int BPF_PROG(sbx_rm_acl, void *idmap, struct dentry *dentry)
{
	return xattr(dentry);
}

/* From Linux 6.13 on, file flags come here as well as through the ioctl. */
SEC("lsm/inode_file_setattr")
int BPF_PROG(sbx_fsetattr, struct dentry *dentry)
{
	struct sbx_task *t = sbx_subject();

	if (!t)
		return 0;
	return sbx_verdict(ask_dentry(t, dentry, SBX_OP_FLAGS));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names: made, removed, renamed, linked.  Two names need two decisions, and neither may give an
 * object a right that it lacked under the other.
 */
#include "guard.bpf.h"

/* Rights that an object can gain by getting another name. */
#define GAINABLE                                                                               \
	(SBX_RIGHT_READ | SBX_RIGHT_LIST | SBX_RIGHT_WRITE | SBX_RIGHT_EXEC | SBX_RIGHT_ATTR | \
	 SBX_RIGHT_CONNECT | SBX_RIGHT_DEVICE)

/* What a walk found, kept while the other name is looked at. */
struct found {
	__u32 allowed;
	__u32 flags; /* enum sbx_edge_flag */
	__u32 base;  /* which `**` rules hold below */
	__u32 node;
};

/* procfs and its like make no files: the kernel refuses, if the name is not there already. */
static __always_inline bool cannot_create(const struct path *dir)
{
	return !BPF_CORE_READ(dir, dentry, d_inode, i_op, create);
}

SEC("lsm/path_mknod")
int BPF_PROG(sbx_mknod, const struct path *dir, struct dentry *dentry, unsigned short mode,
	     unsigned int dev, int ret)
{
	__u32 rights = SBX_RIGHT_CREATE, op = SBX_OP_CREATE;
	unsigned short type = mode & S_IFMT;
	struct sbx_task *t;
	int code, reason;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	if (type != S_IFCHR && type != S_IFBLK && cannot_create(dir))
		return 0;
	if (type == S_IFCHR || type == S_IFBLK) {
		rights |= SBX_RIGHT_DEVICE;
		op = SBX_OP_MKNOD;
	}
	if (type == S_IFBLK) {
		code = sbx_guard_number(t, SBX_OP_MKNOD, SBX_GUARD_RAW_DEVICE, dev);
		if (code)
			return sbx_verdict(code);
	}
	reason = sbx_walk_any(t, dentry, dir->mnt, true);
	if (reason)
		return sbx_verdict(sbx_refuse_walk(t, op, rights, reason));
	/* not hashed yet: open(O_CREAT) asks before it has looked whether the file is there */
	code = sbx_decide_path(t, op, rights, dentry->d_hash.pprev ? 0 : SBX_HOLD);
	if (!code && sbx_lends_identity(mode) && (!type || type == S_IFREG))
		code = sbx_guard_path(t, op, SBX_GUARD_SETUID);
	return sbx_verdict(code);
}

SEC("lsm/path_mkdir")
int BPF_PROG(sbx_mkdir, const struct path *dir, struct dentry *dentry, unsigned short mode, int ret)
{
	struct sbx_task *t;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	if (dentry->d_sb->s_magic == CGROUP2_SUPER_MAGIC) {
		code = sbx_guard(t, SBX_OP_MKDIR, SBX_GUARD_CGROUP);
		if (code)
			return sbx_verdict(code);
	}
	return sbx_verdict(sbx_ask_path(t, dentry, dir->mnt, SBX_OP_MKDIR, SBX_RIGHT_CREATE));
}

SEC("lsm/path_unlink")
int BPF_PROG(sbx_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(sbx_ask_path(t, dentry, dir->mnt, SBX_OP_UNLINK, SBX_RIGHT_DELETE));
}

SEC("lsm/path_rmdir")
int BPF_PROG(sbx_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	struct sbx_task *t;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	if (dentry->d_sb->s_magic == CGROUP2_SUPER_MAGIC) {
		code = sbx_guard(t, SBX_OP_RMDIR, SBX_GUARD_CGROUP);
		if (code)
			return sbx_verdict(code);
	}
	return sbx_verdict(sbx_ask_path(t, dentry, dir->mnt, SBX_OP_RMDIR, SBX_RIGHT_DELETE));
}

static __always_inline struct found found_here(const struct sbx_task *t)
{
	struct found found = {
		.allowed = t->walk.allowed,
		.flags = t->walk.flags,
		.base = t->walk.any_base & ~SBX_ANY_STAR,
		.node = t->walk.node,
	};

	/* in the middle of a `**` rule: that one is named */
	if (t->walk.any_state != found.base)
		found.node = t->walk.any_state;
	return found;
}

static __always_inline int refuse_move(struct sbx_task *t, __u32 op, __u32 missing, __u32 reason,
				       __u32 node)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, 0, reason, EXDEV);

	ask->wanted = missing;
	ask->missing = missing;
	ask->node = node;
	ask->object = SBX_OBJECT_PATH;
	ask->flags = SBX_EVENT_TARGET;
	return sbx_refuse_path(t, ask);
}

/*
 * A symbolic link must not take the place of a directory below which something is denied: whoever
 * follows it, now or later, would take what the job put elsewhere for what it may not touch.
 */
static __always_inline int refuse_redirect(struct sbx_task *t, const struct found *found)
{
	struct sbx_ask *ask = sbx_ask_start(t, SBX_OP_SYMLINK, 0, SBX_REASON_REDIRECT, EACCES);

	ask->wanted = SBX_RIGHT_CREATE;
	ask->missing = SBX_RIGHT_CREATE;
	ask->node = found->node;
	ask->object = SBX_OBJECT_PATH;
	return sbx_refuse_path(t, ask);
}

/* Looks at one name: is `rights` allowed there? What was found goes to `found`. */
static __always_inline int ask_name(struct sbx_task *t, struct dentry *dentry, struct vfsmount *mnt,
				    __u32 op, __u32 rights, __u32 flags, struct found *found)
{
	int reason = sbx_walk_any(t, dentry, mnt, true);

	if (reason)
		return sbx_refuse_walk(t, op, rights, reason);
	*found = found_here(t);
	return sbx_decide_path(t, op, rights, flags);
}

SEC("lsm/path_symlink")
int BPF_PROG(sbx_symlink, const struct path *dir, struct dentry *dentry, const char *old_name,
	     int ret)
{
	struct found found = {};
	struct sbx_task *t;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	code = ask_name(t, dentry, dir->mnt, SBX_OP_SYMLINK, SBX_RIGHT_CREATE, 0, &found);
	if (!code && (found.flags & SBX_EDGE_DENIES))
		code = refuse_redirect(t, &found);
	return sbx_verdict(code);
}

static __always_inline bool is_of_type(const struct dentry *dentry, unsigned short type)
{
	struct inode *inode = dentry->d_inode;

	return inode && (BPF_CORE_READ(inode, i_mode) & S_IFMT) == type;
}

/* May what lies under `dentry` go from `old` to `new`, as far as it depends on what it is? */
static __always_inline int ask_move(struct sbx_task *t, struct dentry *dentry, __u32 op,
				    const struct found *old, const struct found *new)
{
	if (is_of_type(dentry, S_IFLNK) && (new->flags &SBX_EDGE_DENIES))
		return refuse_move(t, op, 0, SBX_REASON_REDIRECT, new->node);
	if (!is_of_type(dentry, S_IFDIR))
		return 0;
	if (!(old->flags & SBX_EDGE_UNIFORM))
		return refuse_move(t, op, 0, SBX_REASON_DIR_MOVE, old->node);
	if (!(new->flags &SBX_EDGE_UNIFORM) || old->base != new->base)
		return refuse_move(t, op, 0, SBX_REASON_DIR_MOVE, new->node);
	return 0;
}

SEC("lsm/path_rename")
int BPF_PROG(sbx_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags, int ret)
{
	bool exchange = flags & RENAME_EXCHANGE;
	__u32 old_rights = SBX_RIGHT_DELETE, new_rights = SBX_RIGHT_CREATE, gained;
	struct found old = {}, new = {};
	struct sbx_task *t;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	if (flags & (RENAME_EXCHANGE | RENAME_WHITEOUT))
		old_rights |= SBX_RIGHT_CREATE;
	if (new_dentry->d_inode)
		new_rights |= SBX_RIGHT_DELETE;
	code = ask_name(t, old_dentry, old_dir->mnt, SBX_OP_RENAME, old_rights, 0, &old);
	if (code)
		return sbx_verdict(code);
	code = ask_name(t, new_dentry, new_dir->mnt, SBX_OP_RENAME, new_rights, SBX_EVENT_TARGET,
			&new);
	if (code)
		return sbx_verdict(code);
	gained = new.allowed & ~old.allowed &GAINABLE;
	if (exchange)
		gained |= old.allowed & ~new.allowed &GAINABLE;
	if (gained)
		return sbx_verdict(
			refuse_move(t, SBX_OP_RENAME, gained, SBX_REASON_GAIN, new.node));
	code = ask_move(t, old_dentry, SBX_OP_RENAME, &old, &new);
	if (!code && exchange)
		code = ask_move(t, new_dentry, SBX_OP_RENAME, &new, &old);
	return sbx_verdict(code);
}

SEC("lsm/path_link")
int BPF_PROG(sbx_link, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry, int ret)
{
	struct found old = {}, new = {};
	struct sbx_task *t;
	__u32 gained;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	/* A link stays within one mount, so the new directory's mount is the old name's, too. */
	code = ask_name(t, old_dentry, new_dir->mnt, SBX_OP_LINK, SBX_RIGHT_READ | SBX_RIGHT_WRITE,
			0, &old);
	if (code)
		return sbx_verdict(code);
	code = ask_name(t, new_dentry, new_dir->mnt, SBX_OP_LINK, SBX_RIGHT_CREATE,
			SBX_EVENT_TARGET, &new);
	if (code)
		return sbx_verdict(code);
	gained = new.allowed & ~old.allowed &GAINABLE;
	if (gained)
		return sbx_verdict(refuse_move(t, SBX_OP_LINK, gained, SBX_REASON_GAIN, new.node));
	return sbx_verdict(ask_move(t, old_dentry, SBX_OP_LINK, &old, &new));
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From an object's dentry up to the root of its mount tree, past mounts and chroots, recording
 * each component.  Static, because only the hook's own program has typed pointers: loads inside
 * the first mount are direct, those after a crossing go through probe reads.
 *
 * The climb is coherent: rename_lock and mount_lock counts are read before and after.
 */
#ifndef SBX_WALK_BPF_H
#define SBX_WALK_BPF_H

#include "decide.bpf.h"
#include "fold.bpf.h"

/*
 * Somebody who renames all the time, anywhere on the machine, moves the counts between most
 * climbs; a writer that was preempted holds them odd for long.  Both bounds end in a denial.
 */
#define SBX_WALK_TRIES 100
#define SBX_WALK_SPINS (1 << 20)

struct sbx_climb {
	struct dentry *dentry;
	struct dentry *root;
	struct sbx_task *t;
};

struct sbx_climb_up {
	struct dentry *dentry;
	struct mount *mount;
	struct sbx_task *t;
};

static __always_inline bool sbx_walk_record(struct sbx_task *t, const struct dentry *dentry)
{
	__u32 n = t->walk.n;

	if (n >= SBX_DEPTH_MAX) {
		t->walk.end = SBX_WALK_DEEP;
		return false;
	}
	t->dentries[n & (SBX_DENTRY_SLOTS - 1)] = (__u64)dentry;
	t->walk.n = n + 1;
	return true;
}

static long sbx_climb_step(__u32 i, struct sbx_climb *c)
{
	struct dentry *dentry = c->dentry;
	struct dentry *parent;

	if (dentry == c->root) {
		c->t->walk.end = SBX_WALK_MOUNT;
		return 1;
	}
	parent = dentry->d_parent;
	if (parent == dentry) {
		c->t->walk.end = SBX_WALK_DETACHED;
		return 1;
	}
	if (!sbx_walk_record(c->t, dentry))
		return 1;
	c->dentry = parent;
	return 0;
}

static long sbx_climb_up_step(__u32 i, struct sbx_climb_up *c)
{
	struct dentry *dentry = c->dentry;
	struct mount *mount = c->mount;
	struct dentry *parent;

	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		struct mount *up = BPF_CORE_READ(mount, mnt_parent);

		if (up == mount) {
			c->t->walk.end = SBX_WALK_TOP;
			return 1;
		}
		c->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		c->mount = up;
		c->t->walk.folds |= sbx_may_fold(BPF_CORE_READ(up, mnt.mnt_sb));
		return 0;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (!parent) {
		c->t->walk.end = SBX_WALK_UNREADABLE;
		return 1;
	}
	if (parent == dentry) {
		c->t->walk.end = SBX_WALK_DETACHED;
		return 1;
	}
	if (!sbx_walk_record(c->t, dentry))
		return 1;
	c->dentry = parent;
	return 0;
}

static __always_inline __u32 sbx_seq_read(__u64 lock)
{
	__u32 seq = 1; /* odd: a writer is at it */

	bpf_probe_read_kernel(&seq, sizeof(seq), (const void *)lock);
	return seq;
}

static __always_inline struct mount *sbx_real_mount(const struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Kernel-internal mounts carry an error pointer for their namespace. */
static __always_inline bool sbx_is_err(__u64 pointer)
{
	return pointer >= (__u64)-4095;
}

/*
 * From the root of the first mount to the top of the tree.  A mount that was found to be the
 * top stays so while mount_lock's count stands still, which spares the look.
 */
static __always_inline void sbx_climb_mounts(struct sbx_task *t, struct mount *mount,
					     struct dentry *root, __u32 mount_seq)
{
	struct sbx_climb_up up = { .dentry = root, .mount = mount, .t = t };
	__u32 n = t->walk.n;

	if (t->top_mount == (__u64)mount && t->top_seq == mount_seq) {
		t->walk.end = SBX_WALK_TOP;
		return;
	}
	t->walk.end = SBX_WALK_NONE;
	bpf_loop(2 * SBX_DENTRY_SLOTS, sbx_climb_up_step, &up, 0);
	if (t->walk.end == SBX_WALK_TOP && t->walk.n == n) {
		t->top_mount = (__u64)mount;
		t->top_seq = mount_seq;
	}
}

/* Only a mount of the task's own namespace has a path that a policy can name. */
static __always_inline bool sbx_mount_is_ours(__u64 mnt_ns)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return mnt_ns && mnt_ns == (__u64)task->nsproxy->mnt_ns;
}

/* One climb; the result stands in t->walk. `typed` is a constant: may dentry be loaded directly? */
static __always_inline void sbx_climb(struct sbx_task *t, struct dentry *dentry,
				      struct vfsmount *mnt, bool typed, __u32 mount_seq)
{
	struct mount *mount = sbx_real_mount(mnt);
	__u64 mnt_ns = (__u64)BPF_CORE_READ(mount, mnt_ns);

	t->walk.n = 0;
	t->walk.depth = 0;
	t->walk.end = SBX_WALK_NONE;
	t->walk.folds =
		typed ? sbx_may_fold_typed(mnt->mnt_sb) : sbx_may_fold(BPF_CORE_READ(mnt, mnt_sb));
	if (sbx_is_err(mnt_ns)) {
		t->walk.end = BPF_CORE_READ(dentry, d_parent) == dentry ? SBX_WALK_PSEUDO
									: SBX_WALK_INTERNAL;
		t->dentries[0] = (__u64)dentry;
		t->walk.depth = 1; /* for events: its own name, e.g. "memfd:x" */
		return;
	}
	if (!sbx_mount_is_ours(mnt_ns)) {
		t->walk.end = SBX_WALK_DETACHED;
		return;
	}
	if (typed) {
		struct sbx_climb c = { .dentry = dentry, .root = mnt->mnt_root, .t = t };

		bpf_loop(SBX_DENTRY_SLOTS + 1, sbx_climb_step, &c, 0);
		if (t->walk.end == SBX_WALK_MOUNT)
			sbx_climb_mounts(t, mount, mnt->mnt_root, mount_seq);
	} else {
		struct sbx_climb_up up = { .dentry = dentry, .mount = mount, .t = t };

		bpf_loop(2 * SBX_DENTRY_SLOTS, sbx_climb_up_step, &up, 0);
	}
	t->walk.depth = t->walk.n;
}

struct sbx_try {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct sbx_task *t;
};

/* One coherent try: returns 1 when t->walk.reason holds the answer. */
static __always_inline long sbx_walk_try(struct sbx_try *c, bool typed)
{
	struct sbx_task *t = c->t;
	__u32 rename_seq = sbx_seq_read(sbx_rename_lock);
	__u32 mount_seq = sbx_seq_read(sbx_mount_lock);

	if ((rename_seq | mount_seq) & 1)
		return 0; /* a writer is at it */
	sbx_climb(t, c->dentry, c->mnt, typed, mount_seq);
	t->walk.reason = sbx_descend(t);
	if (sbx_seq_read(sbx_rename_lock) == rename_seq &&
	    sbx_seq_read(sbx_mount_lock) == mount_seq)
		return 1;
	t->walk.reason = SBX_REASON_RACED;
	t->walk.depth = 0;
	return ++t->walk.tries >= SBX_WALK_TRIES;
}

static long sbx_walk_typed(__u32 i, struct sbx_try *c)
{
	return sbx_walk_try(c, true);
}

static long sbx_walk_untyped(__u32 i, struct sbx_try *c)
{
	return sbx_walk_try(c, false);
}

/*
 * Climbs and walks down the trie, coherently.  Returns 0 with t->walk filled, or the reason why
 * there is no answer.  SBX_WALK_INTERNAL and SBX_WALK_PSEUDO in t->walk.end are answers, too.
 */
static __always_inline int sbx_walk_any(struct sbx_task *t, struct dentry *dentry,
					struct vfsmount *mnt, bool typed)
{
	struct sbx_try c = { .dentry = dentry, .mnt = mnt, .t = t };

	t->walk.tries = 0;
	t->walk.depth = 0;
	t->walk.reason = SBX_REASON_RACED;
	if (typed)
		bpf_loop(SBX_WALK_SPINS, sbx_walk_typed, &c, 0);
	else
		bpf_loop(SBX_WALK_SPINS, sbx_walk_untyped, &c, 0);
	return t->walk.reason;
}

/* A file without a name in the tree any more, or not yet: deleted, or made by O_TMPFILE. */
static __always_inline bool sbx_is_nameless(const struct sbx_task *t, const struct dentry *dentry)
{
	return t->walk.end == SBX_WALK_PSEUDO ||
	       (t->walk.end == SBX_WALK_TOP && !dentry->d_hash.pprev);
}

/* A refusal for which no walk gave an answer. */
static __always_inline int sbx_refuse_walk(struct sbx_task *t, __u32 op, __u32 wanted, int reason)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, 0, reason, EACCES);

	ask->wanted = wanted;
	ask->missing = wanted;
	ask->object = SBX_OBJECT_PATH;
	return sbx_refuse_path(t, ask);
}

/* The question most file hooks ask: may the task do `op`, which takes `wanted`, to this path? */
static __always_inline int sbx_ask_path(struct sbx_task *t, struct dentry *dentry,
					struct vfsmount *mnt, __u32 op, __u32 wanted)
{
	int reason = sbx_walk_any(t, dentry, mnt, true);

	if (reason)
		return sbx_refuse_walk(t, op, wanted, reason);
	return sbx_decide_path(t, op, wanted, 0);
}

/* The same where the hook has no typed pointers. */
static __always_inline int sbx_ask_path_untyped(struct sbx_task *t, struct dentry *dentry,
						struct vfsmount *mnt, __u32 op, __u32 wanted)
{
	int reason = sbx_walk_any(t, dentry, mnt, false);

	if (reason)
		return sbx_refuse_walk(t, op, wanted, reason);
	return sbx_decide_path(t, op, wanted, 0);
}

#endif /* SBX_WALK_BPF_H */

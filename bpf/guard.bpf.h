/* SPDX-License-Identifier: GPL-2.0-only */
/* The few lines that hooks about nothing but a guard share. */
#ifndef SBX_GUARD_BPF_H
#define SBX_GUARD_BPF_H

#include "walk.bpf.h"

/* A guard about a path. */
static __always_inline int sbx_on_path(const struct path *path, __u32 op, __u32 guard)
{
	struct sbx_task *t = sbx_subject();

	if (!t)
		return 0;
	if (sbx_walk_any(t, path->dentry, path->mnt, true))
		t->walk.depth = 0; /* no path to show; the guard decides all the same */
	return sbx_verdict(sbx_guard_path(t, op, guard));
}

/* A guard without an object. */
static __always_inline int sbx_on_plain(__u32 op, __u32 guard)
{
	struct sbx_task *t = sbx_subject();

	return t ? sbx_verdict(sbx_guard(t, op, guard)) : 0;
}

static __always_inline int sbx_on_number(__u32 op, __u32 guard, __u64 number)
{
	struct sbx_task *t = sbx_subject();

	return t ? sbx_verdict(sbx_guard_number(t, op, guard, number)) : 0;
}

/* Does such a file run with its owner's or its group's rights, whoever starts it? */
static __always_inline bool sbx_lends_identity(unsigned short mode)
{
	return (mode & S_ISUID) || (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
}

#endif /* SBX_GUARD_BPF_H */

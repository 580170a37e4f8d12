/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs that a policy pins: what tells whether a file is still the one that was hashed. */
#ifndef SBX_PROGRAM_BPF_H
#define SBX_PROGRAM_BPF_H

#include "decide.bpf.h"

/* Where older kernels keep the time of the last change. */
struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
} CORE;

struct inode___before_6_6 {
	struct timespec64 i_ctime;
} CORE;

struct inode___before_6_11 {
	struct timespec64 __i_ctime;
} CORE;

#define NSEC_BITS 0x3fffffff /* above them newer kernels keep a mark */

/* Fills `id`; false where this kernel keeps the time in yet another place. */
static __always_inline bool sbx_program_read(const struct inode *inode, struct sbx_program *id)
{
	const struct inode___before_6_6 *old = (const void *)inode;
	const struct inode___before_6_11 *middle = (const void *)inode;

	id->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	id->ino = BPF_CORE_READ(inode, i_ino);
	id->size = BPF_CORE_READ(inode, i_size);
	id->generation = BPF_CORE_READ(inode, i_generation);
	if (bpf_core_field_exists(inode->i_ctime_sec)) {
		id->changed_s = BPF_CORE_READ(inode, i_ctime_sec);
		id->changed_ns = BPF_CORE_READ(inode, i_ctime_nsec) & NSEC_BITS;
	} else if (bpf_core_field_exists(middle->__i_ctime)) {
		id->changed_s = BPF_CORE_READ(middle, __i_ctime.tv_sec);
		id->changed_ns = BPF_CORE_READ(middle, __i_ctime.tv_nsec);
	} else if (bpf_core_field_exists(old->i_ctime)) {
		id->changed_s = BPF_CORE_READ(old, i_ctime.tv_sec);
		id->changed_ns = BPF_CORE_READ(old, i_ctime.tv_nsec);
	} else {
		return false;
	}
	return true;
}

/* Somebody has it open for writing, or mapped so. */
static __always_inline bool sbx_program_is_written(const struct inode *inode)
{
	return BPF_CORE_READ(inode, i_writecount.counter) > 0;
}

/* Judges t->program, whose path was walked into `t` and is pinned: 0, or as sbx_refuse. */
int sbx_decide_program(struct sbx_task *t, __u32 op);

/* The same for any path that may be executed otherwise. */
static __always_inline int sbx_check_program(struct sbx_task *t, const struct inode *inode,
					     __u32 op)
{
	if (!(t->walk.flags & SBX_EDGE_PINNED))
		return 0;
	t->program = (__u64)inode; /* a global function takes no pointer of the kernel's */
	return sbx_decide_program(t, op);
}

#endif /* SBX_PROGRAM_BPF_H */

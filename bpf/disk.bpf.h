/* SPDX-License-Identifier: GPL-2.0-only */
/* How hooks ask about the job's budget of bytes written to files (limits.disk_write). */
#ifndef SBX_DISK_BPF_H
#define SBX_DISK_BPF_H

#include "subject.bpf.h"

struct backing_dev_info {
	unsigned int capabilities;
} CORE;

/* Takes `bytes` from the budget: 0, or EDQUOT and nothing was taken. */
int sbx_disk_take(struct sbx_task *t, __u64 bytes);

/* EDQUOT when nothing is left, else 0. */
int sbx_disk_spent(struct sbx_task *t);

/*
 * Counts pages that became dirty without having been asked about; returns 0.  Ends the task that
 * takes the job more than `slack` bytes beyond its budget.
 */
int sbx_disk_dirty(struct sbx_task *t, __u64 bytes, __u64 slack);

/* Regular files whose content goes to a device or server; memory and the kernel's own do not. */
static __always_inline bool sbx_disk_file(const struct inode *inode)
{
	__u32 type = inode->i_mode & S_IFMT;

	if (type == S_IFBLK)
		return true;
	if (type != S_IFREG)
		return false;
	return (BPF_CORE_READ(inode, i_sb, s_bdi, capabilities) & BDI_CAP_WRITEBACK) ||
	       BPF_CORE_READ(inode, i_sb, s_magic) == OVERLAYFS_SUPER_MAGIC;
}

/* Is there something to count?  Not for a job without the limit, while another has it. */
static __always_inline bool sbx_disk_counts(const struct sbx_task *t)
{
	struct sbx_job *job = sbx_job_get(t->job);

	return !job || job->disk_write != ~0ull;
}

/* What makes files larger without a size of its own: refused once nothing is left. */
static __always_inline int sbx_disk_grow(const struct inode *inode)
{
	struct sbx_task *t = sbx_subject_find();

	return t && sbx_disk_file(inode) ? sbx_disk_spent(t) : 0;
}

#endif /* SBX_DISK_BPF_H */

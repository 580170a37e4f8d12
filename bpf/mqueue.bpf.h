/* SPDX-License-Identifier: GPL-2.0-only */
/* POSIX message queues. */
#ifndef SBX_MQUEUE_BPF_H
#define SBX_MQUEUE_BPF_H

#include "subject.bpf.h"

/*
 * The kernel does not tell who made a queue, but each filesystem of them belongs to one IPC
 * namespace, and in the job's own all queues are the job's.
 */
static __always_inline bool sbx_mqueue_is_own(const struct sbx_task *t,
					      const struct super_block *sb)
{
	struct ipc_namespace *ns = (struct ipc_namespace *)BPF_CORE_READ(sb, s_fs_info);
	__u64 id = t->job;
	struct sbx_job *job = sbx_job_get(id);
	__u32 own;

	if (!job || !ns)
		return false;
	own = job->ipc_ns;
	return job->id == id && own && own == BPF_CORE_READ(ns, ns.inum);
}

#endif /* SBX_MQUEUE_BPF_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V IPC objects and POSIX message queues of processes outside.  The kernel keeps no note of
 * who made one, so the engine does: address -> job, written whenever one is made, by whomever,
 * so that an entry never outlives its object's successor at the same address.
 */
#include "guard.bpf.h"
#include "mqueue.bpf.h"

/* These ask about the system, not an object. */
#define IPC_INFO 3
#define MSG_INFO 12
#define SHM_INFO 14
#define SEM_INFO 19

static __always_inline int ipc_made(struct kern_ipc_perm *perm)
{
	struct sbx_task *t = sbx_subject();
	__u64 at = (__u64)perm;
	__u64 job;

	if (!t) {
		bpf_map_delete_elem(&sbx_ipc, &at); /* most often there is none */
		return 0;
	}
	job = t->job;
	if (!bpf_map_update_elem(&sbx_ipc, &at, &job, BPF_ANY))
		return 0;
	return sbx_verdict(sbx_guard(t, SBX_OP_IPC, SBX_GUARD_IPC_OUTSIDE)); /* no room */
}

SEC("lsm/shm_alloc_security")
int BPF_PROG(sbx_shm_made, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : ipc_made(perm);
}

SEC("lsm/sem_alloc_security")
int BPF_PROG(sbx_sem_made, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : ipc_made(perm);
}

SEC("lsm/msg_queue_alloc_security")
int BPF_PROG(sbx_msg_made, struct kern_ipc_perm *perm, int ret)
{
	return ret ? ret : ipc_made(perm);
}

static __always_inline int ipc_used(struct kern_ipc_perm *perm)
{
	struct sbx_task *t = sbx_subject();
	__u64 at = (__u64)perm;
	__u64 *job;

	if (!t)
		return 0;
	job = bpf_map_lookup_elem(&sbx_ipc, &at);
	if (job && *job == t->job)
		return 0;
	return sbx_verdict(sbx_guard_number(t, SBX_OP_IPC, SBX_GUARD_IPC_OUTSIDE, (__u32)perm->id));
}

SEC("lsm/ipc_permission")
int BPF_PROG(sbx_ipc_perm, struct kern_ipc_perm *perm, short flag, int ret)
{
	return ret ? ret : ipc_used(perm);
}

/* Removing and changing are not asked above; of `info` calls there is no object. */
static __always_inline int ipc_control(struct kern_ipc_perm *perm, int cmd)
{
	if (cmd == IPC_INFO || cmd == MSG_INFO || cmd == SHM_INFO || cmd == SEM_INFO)
		return 0;
	return ipc_used(perm);
}

SEC("lsm/shm_shmctl")
int BPF_PROG(sbx_shmctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : ipc_control(perm, cmd);
}

SEC("lsm/sem_semctl")
int BPF_PROG(sbx_semctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : ipc_control(perm, cmd);
}

SEC("lsm/msg_queue_msgctl")
int BPF_PROG(sbx_msgctl, struct kern_ipc_perm *perm, int cmd, int ret)
{
	return ret ? ret : ipc_control(perm, cmd);
}

/* mq_unlink meets no hook with a path; opening is judged in hook_file.bpf.c. */
SEC("lsm/inode_unlink")
int BPF_PROG(sbx_mq_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	struct sbx_task *t;

	if (ret || dir->i_sb->s_magic != MQUEUE_MAGIC)
		return ret;
	t = sbx_subject();
	if (!t || sbx_mqueue_is_own(t, dir->i_sb))
		return 0;
	return sbx_verdict(sbx_guard(t, SBX_OP_IPC, SBX_GUARD_IPC_OUTSIDE));
}

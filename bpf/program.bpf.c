// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned programs: user space hashed the file and found the digest that the policy names; here the
 * file must be the same one, unchanged since, and open for writing to nobody.
 */
#include "program.bpf.h"

static __always_inline bool is_same(const struct sbx_program *a, const struct sbx_program *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns &&
	       a->generation == b->generation;
}

static __always_inline const struct sbx_program *pinned_here(const struct sbx_task *t)
{
	__u64 id = t->job, policy;
	struct sbx_job *job = sbx_job_get(id);
	__u32 node = t->walk.node;
	void *programs;

	if (!job)
		return 0;
	policy = job->policy;
	if (job->id != id)
		return 0;
	programs = bpf_map_lookup_elem(&sbx_programs, &policy);
	return programs ? bpf_map_lookup_elem(programs, &node) : 0;
}

int sbx_decide_program(struct sbx_task *t, __u32 op)
{
	const struct sbx_program *pinned;
	const struct inode *inode;
	struct sbx_program now = {};
	struct sbx_ask *ask;

	if (!t)
		return EACCES;
	inode = (const void *)t->program;
	pinned = pinned_here(t);
	if (pinned && sbx_program_read(inode, &now) && is_same(&now, pinned) &&
	    !sbx_program_is_written(inode))
		return 0;
	ask = sbx_ask_start(t, op, 0, SBX_REASON_PIN, EACCES);
	ask->wanted = SBX_RIGHT_EXEC;
	ask->missing = SBX_RIGHT_EXEC;
	ask->node = t->walk.node;
	ask->object = SBX_OBJECT_PATH;
	return sbx_refuse_path(t, ask);
}

/* For the task that reads it: a line for each file that it has open. */
SEC("iter/task_file")
int sbx_file_list(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sbx_file_line line = {};
	struct file *file = ctx->file;
	const struct inode *inode;

	if (!task || !file || task->tgid != bpf_get_current_pid_tgid() >> 32)
		return 0;
	inode = file->f_inode;
	line.fd = ctx->fd;
	line.known = sbx_program_read(inode, &line.program);
	line.written = sbx_program_is_written(inode);
	bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executable mappings: without the right `exec`, no code of a file is run, whichever loader maps
 * it, and none of a file without a path.
 */
#include "walk.bpf.h"

/* Executable mapping of a file: so the dynamic loader is no way round the right `exec`. */
static __always_inline int map_exec(struct sbx_task *t, struct file *file)
{
	int reason = sbx_walk_any(t, file->f_path.dentry, file->f_path.mnt, true);

	if (reason)
		return sbx_refuse_walk(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, reason);
	if (t->walk.end == SBX_WALK_PSEUDO && (file->f_inode->i_flags & S_PRIVATE))
		return 0; /* shared anonymous memory has a file of the kernel's own */
	if (t->walk.end == SBX_WALK_PSEUDO)
		return sbx_guard_path(t, SBX_OP_MAP_EXEC, SBX_GUARD_FILELESS_EXEC);
	return sbx_decide_path(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, 0);
}

SEC("lsm/mmap_file")
int BPF_PROG(sbx_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	struct sbx_task *t;

	if (!file) /* anonymous; Linux 7.3 wants this before any other use */
		return ret;
	if (ret)
		return ret;
	if (!(prot & PROT_EXEC))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(map_exec(t, file));
}

/*
 * A mapping of an overlayfs file may hold the file below, on a mount of the kernel's own; the
 * one that the program opened stands beside it.
 */
static __always_inline int map_exec_backing(struct sbx_task *t, struct file *file)
{
	struct backing_file *backing = (struct backing_file *)file;

	if (!bpf_core_field_exists(backing->user_path))
		return sbx_refuse_walk(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, SBX_REASON_INTERNAL);
	return sbx_ask_path_untyped(t, BPF_CORE_READ(backing, user_path.dentry),
				    BPF_CORE_READ(backing, user_path.mnt), SBX_OP_MAP_EXEC,
				    SBX_RIGHT_EXEC);
}

SEC("lsm/file_mprotect")
int BPF_PROG(sbx_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot,
	     int ret)
{
	struct sbx_task *t;
	struct file *file;
	int code;

	if (ret)
		return ret;
	if (!(prot & PROT_EXEC) || (vma->vm_flags & VM_EXEC))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	file = vma->vm_file;
	if (!file)
		return 0;
	code = map_exec(t, file);
	if (!code && t->walk.end == SBX_WALK_INTERNAL)
		code = map_exec_backing(t, file);
	return sbx_verdict(code);
}

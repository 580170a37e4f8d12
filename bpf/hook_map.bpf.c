// SPDX-License-Identifier: GPL-2.0-only
/*
 * Executable memory: without the right `exec`, no code of a file is run, whichever loader maps it;
 * none of a file without a path (guard fileless_exec); and none that is no file's content at all
 * (guard anon_exec).  What has no hook that could refuse it ends the task instead: a stack or heap
 * that is executable from the start, and a tracer's writes to code.
 */
#include "disk.bpf.h"
#include "guard.bpf.h"
#include "program.bpf.h"

#define EXSTACK_DEFAULT 0
#define EXSTACK_ENABLE_X 2

/* Executable mapping of a file: so the dynamic loader is no way round the right `exec`. */
static __always_inline int map_exec(struct sbx_task *t, struct file *file)
{
	int reason = sbx_walk_any(t, file->f_path.dentry, file->f_path.mnt, true);
	int code;

	if (reason)
		return sbx_refuse_walk(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, reason);
	/* shared anonymous memory has a file of the kernel's own */
	if (t->walk.end == SBX_WALK_PSEUDO && (file->f_inode->i_flags & S_PRIVATE))
		return sbx_guard(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC);
	if (sbx_is_nameless(t, file->f_path.dentry)) {
		code = sbx_guard_path(t, SBX_OP_MAP_EXEC, SBX_GUARD_FILELESS_EXEC);
		if (code)
			return code;
	}
	code = sbx_decide_path(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, 0);
	return code ? code : sbx_check_program(t, file->f_inode, SBX_OP_MAP_EXEC);
}

/*
 * Anonymous memory has no file.  Linux 6.12 believes that a hook's argument is never NULL: its
 * verifier takes a test of `file` out of the program, which would then read through NULL and stop
 * the machine.  So the argument is read once more as a number.  7.3 wants the test of `file`, too.
 */
static __always_inline int on_mmap(const void *args, struct file *file, unsigned long prot,
				   unsigned long flags, int ret)
{
	struct sbx_task *t;
	__u64 address = 0;
	bool stores;
	int code;

	if (ret)
		return ret;
	stores = (prot & PROT_WRITE) && (flags & MAP_SHARED);
	if (!(prot & PROT_EXEC) && !stores)
		return 0;
	bpf_probe_read_kernel(&address, sizeof(address), args);
	if (stores && file && address && sbx_disk_grow(file->f_inode))
		return -EDQUOT;
	if (!(prot & PROT_EXEC))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	if (!file || !address)
		return sbx_verdict(sbx_guard(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC));
	code = map_exec(t, file);
	/* written to, the pages are the task's own and no longer the file's */
	if (!code && (prot & PROT_WRITE) && (flags & MAP_TYPE) == MAP_PRIVATE)
		code = sbx_guard_path(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC);
	return sbx_verdict(code);
}

static __always_inline bool reads_to_execute(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->personality & READ_IMPLIES_EXEC;
}

SEC("lsm/mmap_file")
int BPF_PROG(sbx_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	return on_mmap(ctx, file, prot, flags, ret);
}

/*
 * As security_mmap_file has it; the loader takes the one that fits.  That function is what adds to
 * `prot` what the personality implies, so here it has not been added yet.
 */
SEC("lsm/mmap_file")
int BPF_PROG(sbx_mmap_file_3, struct file *file, unsigned long prot, unsigned long flags, int ret)
{
	if ((prot & PROT_READ) && reads_to_execute())
		prot |= PROT_EXEC;
	return on_mmap(ctx, file, prot, flags, ret);
}

/*
 * A mapping of an overlayfs file may hold the file below, on a mount of the kernel's own; the
 * one that the program opened stands beside it.
 */
static __always_inline int map_exec_backing(struct sbx_task *t, struct file *file)
{
	struct backing_file *backing = (struct backing_file *)file;

	struct dentry *dentry;
	int code;

	if (!bpf_core_field_exists(backing->user_path))
		return sbx_refuse_walk(t, SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC, SBX_REASON_INTERNAL);
	dentry = BPF_CORE_READ(backing, user_path.dentry);
	code = sbx_ask_path_untyped(t, dentry, BPF_CORE_READ(backing, user_path.mnt),
				    SBX_OP_MAP_EXEC, SBX_RIGHT_EXEC);
	return code ? code : sbx_check_program(t, BPF_CORE_READ(dentry, d_inode), SBX_OP_MAP_EXEC);
}

/* Would this make private pages executable that are, or can from now on be, other than the file? */
static __always_inline bool is_changed(const struct vm_area_struct *vma, unsigned long prot)
{
	unsigned long flags = vma->vm_flags;

	if (flags & VM_SHARED)
		return false;
	if (flags & VM_EXEC) /* asked for when it became so */
		return (prot & PROT_WRITE) && !(flags & VM_WRITE);
	return (prot & PROT_WRITE) || vma->anon_vma;
}

/* Apart from the hook, so that a task without a policy pays for few registers only. */
static __noinline int protect_exec(struct sbx_task *t, struct vm_area_struct *vma,
				   unsigned long prot)
{
	struct file *file = vma->vm_file;
	bool was_exec = vma->vm_flags & VM_EXEC;
	int code = 0;

	if (!file)
		return was_exec ? 0 : sbx_guard(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC);
	if (!was_exec) {
		code = map_exec(t, file);
		if (!code && t->walk.end == SBX_WALK_INTERNAL)
			code = map_exec_backing(t, file);
	}
	if (!code && is_changed(vma, prot))
		code = sbx_guard(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC);
	return code;
}

SEC("lsm/file_mprotect")
int BPF_PROG(sbx_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot,
	     int ret)
{
	struct sbx_task *t;
	struct file *file;

	if (ret)
		return ret;
	file = vma->vm_file;
	if ((prot & PROT_WRITE) && file && (vma->vm_flags & (VM_SHARED | VM_WRITE)) == VM_SHARED &&
	    sbx_disk_grow(file->f_inode))
		return -EDQUOT;
	if (!(prot & PROT_EXEC))
		return 0;
	t = sbx_subject();
	return t ? sbx_verdict(protect_exec(t, vma, prot)) : 0;
}

/* Memory that the kernel makes executable without asking: the task does not get to use it. */
static __always_inline int unasked(void)
{
	struct sbx_task *t = sbx_subject();
	struct sbx_ask *ask;

	if (!t)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_MAP_EXEC, SBX_GUARD_ANON_EXEC, SBX_REASON_GUARD, EPERM);
	ask->hard = 1;
	sbx_verdict(sbx_refuse(t, ask)); /* sends the signal; an fentry program refuses nothing */
	return 0;
}

/* The stack of a new program, as its file's header wants it. */
SEC("fentry/setup_arg_pages")
int BPF_PROG(sbx_new_stack, struct linux_binprm *bprm, unsigned long top, int executable)
{
	if (executable == EXSTACK_ENABLE_X || (executable == EXSTACK_DEFAULT && reads_to_execute()))
		return unasked();
	return 0;
}

/* The heap follows the personality, and no hook is asked about it. */
SEC("fentry/" SYSCALL_FN("brk"))
int BPF_PROG(sbx_brk)
{
	return reads_to_execute() ? unasked() : 0;
}

SEC("fentry/__ia32_sys_brk")
int BPF_PROG(sbx_brk32)
{
	return reads_to_execute() ? unasked() : 0;
}

/*
 * What a program's header wants executable beyond the end of its file: the kernel makes it
 * writable, too.  The last argument is VM_EXEC or 0, in newer kernels true or false.
 */
SEC("fentry/vm_brk_flags")
int BPF_PROG(sbx_bss, unsigned long at, unsigned long size, unsigned long exec)
{
	return (__u8)exec ? unasked() : 0;
}

struct poke {
	struct sbx_task *t;
};

static long note_code(struct task_struct *task, struct vm_area_struct *vma, struct poke *c)
{
	if (vma->vm_flags & VM_EXEC)
		c->t->poked = 1;
	return 0;
}

/*
 * PTRACE_POKETEXT writes through what protects the traced task's memory.  The signal is pending
 * when the kernel looks for the page, so nothing is written.  Both ends, since a word can lie
 * across two mappings; one that cannot be looked up counts as code.
 */
static __always_inline int judge_poke(struct task_struct *child, long request, unsigned long at,
				      unsigned int len)
{
	struct sbx_task *t;
	struct poke c;

	if (request != PTRACE_POKETEXT && request != PTRACE_POKEDATA)
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	c.t = t;
	t->poked = 0;
	if (bpf_find_vma(child, at, note_code, &c, 0) == -EBUSY ||
	    bpf_find_vma(child, at + len - 1, note_code, &c, 0) == -EBUSY)
		t->poked = 1;
	return t->poked ? unasked() : 0;
}

SEC("fentry/arch_ptrace")
int BPF_PROG(sbx_poke, struct task_struct *child, long request, unsigned long at)
{
	return judge_poke(child, request, at, sizeof(long));
}

SEC("fentry/compat_arch_ptrace")
int BPF_PROG(sbx_poke_32, struct task_struct *child, int request, unsigned int at)
{
	return judge_poke(child, request, at, sizeof(int));
}

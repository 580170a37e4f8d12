/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which system call the current task is in, by the registers with which it entered the kernel.
 * They are the kernel's own copy: the task cannot change them under the call.
 */
#ifndef SBX_SYSCALL_BPF_H
#define SBX_SYSCALL_BPF_H

#include "core.bpf.h"

#define PF_IO_WORKER 0x10   /* io_uring's threads carry registers of some call of their creator */
#define TS_COMPAT 0x2	    /* x86: a call by int 0x80 or of a 32-bit program */
#define TIF_32BIT (1 << 22) /* arm64 */
#define X32_BIT 0x40000000
#define COMPAT 0x10000
#define NO_CALL 0xffff
#define SOCKETCALL 102 /* i386: socket and many more, by its first argument */

/*
 * ROW(NAME, x86-64, i386, arm64).  Only calls in which the check of a capability means something
 * else than elsewhere.
 */
#define SBX_CALLS(ROW)                             \
	ROW(MOUNT, 165, 21, 40)                    \
	ROW(UMOUNT, 166, 52, 39)                   \
	ROW(PIVOT_ROOT, 155, 217, 41)              \
	ROW(OPEN_TREE, 428, 428, 428)              \
	ROW(MOVE_MOUNT, 429, 429, 429)             \
	ROW(FSOPEN, 430, 430, 430)                 \
	ROW(FSCONFIG, 431, 431, 431)               \
	ROW(FSMOUNT, 432, 432, 432)                \
	ROW(FSPICK, 433, 433, 433)                 \
	ROW(MOUNT_SETATTR, 442, 442, 442)          \
	ROW(OPEN_TREE_ATTR, 467, 467, 467)         \
	ROW(CLONE, 56, 120, 220)                   \
	ROW(CLONE3, 435, 435, 435)                 \
	ROW(UNSHARE, 272, 310, 97)                 \
	ROW(SETNS, 308, 346, 268)                  \
	ROW(REBOOT, 169, 88, 142)                  \
	ROW(KEXEC_LOAD, 246, 283, 104)             \
	ROW(KEXEC_FILE_LOAD, 320, NO_CALL, 294)    \
	ROW(INIT_MODULE, 175, 128, 105)            \
	ROW(FINIT_MODULE, 313, 350, 273)           \
	ROW(DELETE_MODULE, 176, 129, 106)          \
	ROW(SWAPON, 167, 87, 224)                  \
	ROW(SWAPOFF, 168, 115, 225)                \
	ROW(SETHOSTNAME, 170, 74, 161)             \
	ROW(SETDOMAINNAME, 171, 121, 162)          \
	ROW(QUOTACTL, 179, 131, 60)                \
	ROW(QUOTACTL_FD, 443, 443, 443)            \
	ROW(IOCTL, 16, 54, 29)                     \
	ROW(ADD_KEY, 248, 286, 217)                \
	ROW(REQUEST_KEY, 249, 287, 218)            \
	ROW(KEYCTL, 250, 288, 219)                 \
	ROW(BPF, 321, 357, 280)                    \
	ROW(PERF_EVENT_OPEN, 298, 336, 241)        \
	ROW(OPEN_BY_HANDLE_AT, 304, 342, 265)      \
	ROW(PRCTL, 157, 172, 167)                  \
	ROW(SECCOMP, 317, 354, 277)                \
	ROW(LANDLOCK_RESTRICT_SELF, 446, 446, 446) \
	ROW(PIPE, 22, 42, NO_CALL)                 \
	ROW(PIPE2, 293, 331, 59)                   \
	ROW(MQ_OPEN, 240, 277, 180)                \
	ROW(PROCESS_MADVISE, 440, 440, 440)        \
	ROW(SOCKET, 41, 359, 198)                  \
	ROW(SPLICE, 275, 313, 76)                  \
	ROW(SENDFILE, 40, 239, 71)                 \
	ROW(COPY_FILE_RANGE, 326, 377, 285)        \
	ROW(IO_URING_ENTER, 426, 426, 426)

#if defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__s32 syscallno;
} CORE;
#else
struct pt_regs {
	unsigned long bx, cx, dx, si, di;
	unsigned long orig_ax;
} CORE;
#endif

enum sbx_call {
	SBX_CALL_OTHER = 0,
	SBX_CALL_IO_WORKER, /* io_uring's thread: on behalf of no call that could be named */
	SBX_CALL_XATTR,	    /* all that set, get, list or remove extended attributes */
#define ROW(name, x86_64, i386, arm64) SBX_CALL_##name,
	SBX_CALLS(ROW)
#undef ROW
};

static __always_inline struct pt_regs *sbx_regs(struct task_struct *task)
{
	return (struct pt_regs *)bpf_task_pt_regs(task);
}

/* The number, with COMPAT for a 32-bit one. */
static __always_inline __u32 sbx_call_number(struct task_struct *task)
{
#if defined(__TARGET_ARCH_arm64)
	__u32 nr = (__u32)sbx_regs(task)->syscallno;

	return task->thread_info.flags & TIF_32BIT ? nr | COMPAT : nr;
#else
	__u32 nr = (__u32)sbx_regs(task)->orig_ax & ~X32_BIT;

	return task->thread_info.status & TS_COMPAT ? nr | COMPAT : nr;
#endif
}

/* An argument of the call, 0 to 2. */
static __always_inline __u64 sbx_call_argument(struct task_struct *task, __u32 n)
{
	struct pt_regs *regs = sbx_regs(task);

#if defined(__TARGET_ARCH_arm64)
	return regs->regs[n];
#else
	if (task->thread_info.status & TS_COMPAT)
		return (__u32)(n == 0 ? regs->bx : n == 1 ? regs->cx : regs->dx);
	return n == 0 ? regs->di : n == 1 ? regs->si : regs->dx;
#endif
}

/* On arm64, calls of 32-bit programs are all OTHER: they have numbers of their own. */
static __always_inline enum sbx_call sbx_call(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (task->flags & PF_IO_WORKER)
		return SBX_CALL_IO_WORKER;
	switch (sbx_call_number(task)) {
#if defined(__TARGET_ARCH_arm64)
	case 5 ... 16:
	case 463 ... 466:
		return SBX_CALL_XATTR;
#define ROW(name, x86_64, i386, arm64) \
	case arm64:                    \
		return SBX_CALL_##name;
#else
	case 188 ... 199:
	case (COMPAT | 226)...(COMPAT | 237):
	case 463 ... 466:
	case (COMPAT | 463)...(COMPAT | 466):
		return SBX_CALL_XATTR;
	case COMPAT | SOCKETCALL:
		return sbx_call_argument(task, 0) == 1 ? SBX_CALL_SOCKET : SBX_CALL_OTHER;
#define ROW(name, x86_64, i386, arm64) \
	case x86_64:                   \
	case COMPAT | (i386):          \
		return SBX_CALL_##name;
#endif
		SBX_CALLS(ROW)
#undef ROW
	default:
		return SBX_CALL_OTHER;
	}
}

#endif /* SBX_SYSCALL_BPF_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The profile `default` of `process.seccomp`, as data: what no ordinary program calls, and what has
 * a history of faults in the kernel; and what the guards mean, where the filter stands in for them.
 */
#include <errno.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <stddef.h>

#include "job/seccomp.h"

#define ROW_IF(name, its_guard, answer, arg, bits, wanted)                                  \
	{                                                                                   \
		.call = (name), .guard = (its_guard), .error = (answer), .argument = (arg), \
		.mask = (bits), .value = (wanted)                                           \
	}
#define ROW_IF_BOTH(name, its_guard, arg, bits, arg2, bits2)                                       \
	{                                                                                          \
		.call = (name), .guard = (its_guard), .argument = (arg), .mask = (bits),           \
		.value = (bits), .second = (arg2), .second_mask = (bits2), .second_value = (bits2) \
	}
#define ROW_UNLESS_ZERO(name, its_guard, arg)                                             \
	{                                                                                 \
		.call = (name), .guard = (its_guard), .argument = (arg), .not_zero = true \
	}
#define ROW_ERRNO(call, guard, error) ROW_IF(call, guard, error, 0, 0, 0)
#define ROW(call, guard) ROW_ERRNO(call, guard, 0)

/* Arguments of type int: the kernel ignores the upper half of the register, and so must a rule. */
#define INT_MASK 0xffffffffu
#define NAMESPACE(call, flag) ROW_IF(call, "namespace", 0, 0, flag, flag)
#define REALTIME_MASK (INT_MASK & ~0x40000000u) /* but for SCHED_RESET_ON_FORK */
#define REALTIME(guard, policy) ROW_IF("sched_setscheduler", guard, 0, 1, REALTIME_MASK, policy)
#define MFD_NOEXEC_SEAL 0x8u /* of Linux 6.3 */
#define EXEC_FLAG 0x4u	     /* PROT_EXEC */
#define WRITE_EXEC 0x6u
#define ANONYMOUS_FLAG 0x20u /* MAP_ANONYMOUS */
#define SHM_EXEC_FLAG 0x8000u
#define NEGATIVE 0x80000000u
#define IO_REALTIME_MASK 0xe000u /* the class of an ioprio */
#define IO_REALTIME 0x2000u

const struct sbx_call_row sbx_seccomp_default[] = {
	/* The kernel's keyrings are shared by uid, not by job: others' keys, and a covert store. */
	ROW("add_key", "keyring"),
	ROW("keyctl", "keyring"),
	ROW("request_key", "keyring"),

	/* Pauses the kernel in the middle of a copy: a tool of exploits more than of programs. */
	ROW("userfaultfd", "userfaultfd"),

	/* A second way to make nearly every call, with a long list of faults. */
	ROW("io_uring_setup", "io_uring"),
	ROW("io_uring_enter", "io_uring"),
	ROW("io_uring_register", "io_uring"),

	/* Programs in the kernel, its performance counters, other kernels and their modules. */
	ROW("bpf", "bpf"),
	ROW("perf_event_open", "perf"),
	ROW("kexec_load", "kexec"),
	ROW("kexec_file_load", "kexec"),
	ROW("init_module", "module"),
	ROW("finit_module", "module"),
	ROW("delete_module", "module"),

	/* The mount tree: rules name paths. */
	ROW("mount", "mount"),
	ROW("umount2", "mount"),
	ROW("umount", "mount"),
	ROW("pivot_root", "mount"),
	ROW("fsopen", "mount"),
	ROW("fsconfig", "mount"),
	ROW("fsmount", "mount"),
	ROW("fspick", "mount"),
	ROW("move_mount", "mount"),
	ROW("open_tree", "mount"),
	ROW("open_tree_attr", "mount"),
	ROW("mount_setattr", "mount"),
	ROW("chroot", "chroot"),

	/*
	 * Namespaces.  clone3 has its flags in memory, where no filter can look; ENOSYS makes the
	 * C library take clone instead.
	 */
	ROW("setns", "namespace"),
	ROW_ERRNO("clone3", "namespace", ENOSYS),
	NAMESPACE("clone", CLONE_NEWNS),
	NAMESPACE("clone", CLONE_NEWCGROUP),
	NAMESPACE("clone", CLONE_NEWUTS),
	NAMESPACE("clone", CLONE_NEWIPC),
	NAMESPACE("clone", CLONE_NEWUSER),
	NAMESPACE("clone", CLONE_NEWPID),
	NAMESPACE("clone", CLONE_NEWNET),
	NAMESPACE("unshare", CLONE_NEWNS),
	NAMESPACE("unshare", CLONE_NEWCGROUP),
	NAMESPACE("unshare", CLONE_NEWUTS),
	NAMESPACE("unshare", CLONE_NEWIPC),
	NAMESPACE("unshare", CLONE_NEWUSER),
	NAMESPACE("unshare", CLONE_NEWPID),
	NAMESPACE("unshare", CLONE_NEWNET),
	NAMESPACE("unshare", CLONE_NEWTIME),

	/* Other users' rights.  Also to stay what one is, which a filter cannot tell from it. */
	ROW("setuid", "setuid"),
	ROW("setgid", "setuid"),
	ROW("setreuid", "setuid"),
	ROW("setregid", "setuid"),
	ROW("setresuid", "setuid"),
	ROW("setresgid", "setuid"),
	ROW("setgroups", "setuid"),
	ROW("setfsuid", "setuid"),
	ROW("setfsgid", "setuid"),

	/* A memfd that can be executed; without the flag of Linux 6.3 each can. */
	ROW_IF("memfd_create", "fileless_exec", ENOSYS, 1, MFD_NOEXEC_SEAL, 0),

	/* TIOCSTI puts characters into a terminal's input, TIOCLINUX a whole selection. */
	ROW_IF("ioctl", "tty_inject", 0, 1, INT_MASK, 0x5412),
	ROW_IF("ioctl", "tty_inject", 0, 1, INT_MASK, 0x541c),

	/* A socket of AF_VSOCK or AF_PACKET. */
	ROW_IF("socket", "vsock", 0, 0, INT_MASK, 40),
	ROW_IF("socket", "raw_socket", 0, 0, INT_MASK, 17),

	/* Ports of the processor. */
	ROW("iopl", "raw_device"),
	ROW("ioperm", "raw_device"),

	/* The whole machine's clock, log, quotas, accounting, end, swap, names. */
	ROW("settimeofday", "clock"),
	ROW("clock_settime", "clock"),
	ROW("stime", "clock"),
	ROW("adjtimex", "clock"), /* also to read it: what it is to do lies in memory */
	ROW("clock_adjtime", "clock"),
	ROW("reboot", "reboot"),
	ROW("acct", "kernel_control"),
	ROW("swapon", "kernel_control"),
	ROW("swapoff", "kernel_control"),
	ROW("sethostname", "kernel_control"),
	ROW("setdomainname", "kernel_control"),
	ROW("vhangup", "tty_inject"),
	ROW("syslog", "syslog"),
	ROW("quotactl", "quota"),
	ROW("quotactl_fd", "quota"),

	/* Files by number, events of everybody's files, priorities. */
	ROW("open_by_handle_at", "capability"),
	ROW("fanotify_init", "capability"),
	REALTIME("capability", 1),
	REALTIME("capability", 2),
	REALTIME("capability", 6),
	ROW("sched_setattr", "capability"),
	ROW_IF("setpriority", "capability", EACCES, 2, NEGATIVE, NEGATIVE),
	ROW_IF("ioprio_set", "capability", 0, 2, IO_REALTIME_MASK, IO_REALTIME),

	/*
	 * Code made in memory.  A file's code that was mapped to be read cannot be made executable
	 * either, which no ordinary program does.
	 */
	ROW_IF_BOTH("mmap", "anon_exec", 2, EXEC_FLAG, 3, ANONYMOUS_FLAG),
	ROW_IF("mmap", "anon_exec", EPERM, 2, WRITE_EXEC, WRITE_EXEC),
	ROW_IF("mprotect", "anon_exec", EPERM, 2, EXEC_FLAG, EXEC_FLAG),
	ROW_IF("pkey_mprotect", "anon_exec", EPERM, 2, EXEC_FLAG, EXEC_FLAG),
	ROW_IF("shmat", "anon_exec", EPERM, 2, SHM_EXEC_FLAG, SHM_EXEC_FLAG),

	/* System V objects by a key, which is how others' are found; message queues by name. */
	ROW_UNLESS_ZERO("shmget", "ipc_outside", 0),
	ROW_UNLESS_ZERO("semget", "ipc_outside", 0),
	ROW_UNLESS_ZERO("msgget", "ipc_outside", 0),
	ROW("mq_open", "ipc_outside"),
	ROW("mq_unlink", "ipc_outside"),

	/* ---- from here on: whatever the guards say ---- */

	/* Root's swap area makes the machine page others' memory into a file of the job. */
	ROW("swapon", NULL),
	ROW("swapoff", NULL),

	/* The machine's name, where the job has no namespace of its own for it. */
	ROW("sethostname", NULL),
	ROW("setdomainname", NULL),

	/* A real-time thread keeps others off the processor, whatever limits.cpu says. */
	REALTIME(NULL, 1), /* SCHED_FIFO */
	REALTIME(NULL, 2), /* SCHED_RR */
	REALTIME(NULL, 6), /* SCHED_DEADLINE */
	ROW("sched_setattr", NULL),

	/* 16-bit segments: for DOS programs, and a source of faults. */
	ROW("modify_ldt", NULL),
	ROW("vm86", NULL),
	ROW("vm86old", NULL),

	/* Long gone from programs, most of them from the kernel, too. */
	ROW_ERRNO("_sysctl", NULL, ENOSYS),
	ROW_ERRNO("afs_syscall", NULL, ENOSYS),
	ROW_ERRNO("bdflush", NULL, ENOSYS),
	ROW_ERRNO("create_module", NULL, ENOSYS),
	ROW_ERRNO("get_kernel_syms", NULL, ENOSYS),
	ROW_ERRNO("lookup_dcookie", NULL, ENOSYS),
	ROW_ERRNO("nfsservctl", NULL, ENOSYS),
	ROW_ERRNO("query_module", NULL, ENOSYS),
	ROW_ERRNO("sysfs", NULL, ENOSYS),
	ROW_ERRNO("uselib", NULL, ENOSYS),
	ROW_ERRNO("ustat", NULL, ENOSYS),
	ROW(NULL, NULL),
};

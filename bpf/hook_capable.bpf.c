// SPDX-License-Identifier: GPL-2.0-only
/*
 * Privileges of root.  A job started by root has them all; the files, programs and processes that
 * they open are judged elsewhere.  Here is what no other hook sees: checks of a capability that
 * mean a guard, by capability and by the system call at hand.  What no row names is the guard
 * `capability`, so a call that a newer kernel brings is refused until somebody names it.
 */
#include "guard.bpf.h"
#include "ioctl.bpf.h"
#include "syscall.bpf.h"

#define CAP_DAC_READ_SEARCH 2
#define CAP_FSETID 4
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_PACCT 20
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_LEASE 28
#define CAP_AUDIT_CONTROL 30
#define CAP_SETFCAP 31
#define CAP_MAC_OVERRIDE 32
#define CAP_MAC_ADMIN 33
#define CAP_SYSLOG 34
#define CAP_WAKE_ALARM 35
#define CAP_BLOCK_SUSPEND 36
#define CAP_AUDIT_READ 37
#define CAP_PERFMON 38
#define CAP_OPT_NOAUDIT 2

#define BIT(cap) (1ull << CAP_##cap)

/*
 * The others are free: what a container gets by default (owner, mode and identity of files and
 * processes, low ports, chroot, device nodes: judged as such), what limits hold
 * (IPC_LOCK), and what a guard with a hook of its own decides (BPF; SYS_PTRACE and
 * CHECKPOINT_RESTORE, where the guard ptrace looks at the target).
 */
#define JUDGED                                                                                     \
	(BIT(DAC_READ_SEARCH) | BIT(NET_ADMIN) | BIT(NET_RAW) | BIT(SYS_MODULE) | BIT(SYS_RAWIO) | \
	 BIT(SYS_PACCT) | BIT(SYS_ADMIN) | BIT(SYS_BOOT) | BIT(SYS_NICE) | BIT(SYS_RESOURCE) |     \
	 BIT(SYS_TIME) | BIT(SYS_TTY_CONFIG) | BIT(LEASE) | BIT(AUDIT_CONTROL) |                   \
	 BIT(MAC_OVERRIDE) | BIT(MAC_ADMIN) | BIT(SYSLOG) | BIT(WAKE_ALARM) | BIT(BLOCK_SUSPEND) | \
	 BIT(AUDIT_READ) | BIT(PERFMON) | BIT(SETFCAP) | BIT(FSETID))

/* A terminal's ioctls have the guard tty_inject; all others steer a device or filesystem. */
static __always_inline __u32 guard_of_ioctl(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	unsigned int cmd = (unsigned int)sbx_call_argument(task, 1);

	return sbx_is_tty_takeover(cmd, sbx_call_argument(task, 2)) ? SBX_GUARD_TTY_INJECT
								    : SBX_GUARD_KERNEL_CONTROL;
}

/* CAP_SYS_ADMIN, SYS_BOOT and SYS_MODULE mean what the call means; 0: it has a hook that asks. */
static __always_inline __u32 guard_of_call(enum sbx_call call)
{
	switch (call) {
	case SBX_CALL_MOUNT:
	case SBX_CALL_UMOUNT:
	case SBX_CALL_PIVOT_ROOT:
	case SBX_CALL_MOVE_MOUNT:
	case SBX_CALL_CLONE:
	case SBX_CALL_CLONE3:
	case SBX_CALL_KEXEC_LOAD:
	case SBX_CALL_KEXEC_FILE_LOAD:
	case SBX_CALL_INIT_MODULE:
	case SBX_CALL_FINIT_MODULE:
	case SBX_CALL_BPF:
	case SBX_CALL_PERF_EVENT_OPEN:
	case SBX_CALL_QUOTACTL:
	case SBX_CALL_QUOTACTL_FD:
	case SBX_CALL_XATTR: /* the right `attr` of the file */
	case SBX_CALL_PIPE:
	case SBX_CALL_PIPE2:
	case SBX_CALL_PRCTL: /* these three restrict the caller */
	case SBX_CALL_SECCOMP:
	case SBX_CALL_LANDLOCK_RESTRICT_SELF:
		return 0;
	case SBX_CALL_OPEN_TREE:
	case SBX_CALL_OPEN_TREE_ATTR:
	case SBX_CALL_FSOPEN:
	case SBX_CALL_FSCONFIG:
	case SBX_CALL_FSMOUNT:
	case SBX_CALL_FSPICK:
	case SBX_CALL_MOUNT_SETATTR:
		return SBX_GUARD_MOUNT;
	case SBX_CALL_UNSHARE:
	case SBX_CALL_SETNS:
		return SBX_GUARD_NAMESPACE;
	case SBX_CALL_DELETE_MODULE:
		return SBX_GUARD_MODULE;
	case SBX_CALL_REBOOT:
		return SBX_GUARD_REBOOT;
	case SBX_CALL_SWAPON:
	case SBX_CALL_SWAPOFF:
	case SBX_CALL_SETHOSTNAME:
	case SBX_CALL_SETDOMAINNAME:
		return SBX_GUARD_KERNEL_CONTROL;
	case SBX_CALL_IOCTL:
		return guard_of_ioctl();
	default:
		return SBX_GUARD_CAPABILITY;
	}
}

/*
 * From Linux 6.15 on it also reads other processes' memory maps and environment, where the guard
 * ptrace has just refused that; so this is refused alike, without a second event.
 */
static __always_inline __u32 guard_of_perfmon(enum sbx_call call)
{
	if (call == SBX_CALL_PERF_EVENT_OPEN || call == SBX_CALL_BPF)
		return 0;
	return call == SBX_CALL_IOCTL ? SBX_GUARD_PERF : SBX_GUARD_PTRACE;
}

static __always_inline __u32 guard_of_capability(int cap, enum sbx_call call, bool quiet)
{
	switch (cap) {
	case CAP_SYS_ADMIN:
	case CAP_SYS_BOOT:
	case CAP_SYS_MODULE:
		return guard_of_call(call);
	case CAP_NET_RAW: /* a raw socket is its own guard; else it marks, spoofs or steers packets
			   */
		return call == SBX_CALL_SOCKET ? 0 : SBX_GUARD_KERNEL_CONTROL;
	case CAP_NET_ADMIN:
	case CAP_SYS_PACCT:
		return SBX_GUARD_KERNEL_CONTROL;
	case CAP_SYS_RAWIO: /* iopl, ioperm: ports without a device node */
		return SBX_GUARD_RAW_DEVICE;
	case CAP_FSETID:  /* without it the kernel takes the mode away where the content changes */
	case CAP_SETFCAP: /* a program that lends capabilities to whoever starts it */
		return SBX_GUARD_SETUID;
	case CAP_SYS_TIME:
		return SBX_GUARD_CLOCK;
	case CAP_SYS_TTY_CONFIG:
		return SBX_GUARD_TTY_INJECT;
	case CAP_SYSLOG: /* aloud: the hook `syslog` follows; else: may it see addresses? */
		return quiet ? SBX_GUARD_SYSLOG : 0;
	case CAP_DAC_READ_SEARCH: /* elsewhere CAP_DAC_OVERRIDE does the same, and is free */
		return call == SBX_CALL_OPEN_BY_HANDLE_AT ? SBX_GUARD_CAPABILITY : 0;
	case CAP_SYS_RESOURCE: /* pipes: the limit counts all of root's, and is soft */
		return call == SBX_CALL_PIPE || call == SBX_CALL_PIPE2 ? 0 : SBX_GUARD_CAPABILITY;
	case CAP_PERFMON:
		return guard_of_perfmon(call);
	case CAP_SYS_NICE: /* priorities; of another process's memory the guard ptrace decided */
		return call == SBX_CALL_PROCESS_MADVISE ? 0 : SBX_GUARD_CAPABILITY;
	default:
		return SBX_GUARD_CAPABILITY;
	}
}

/*
 * Where the kernel acts with somebody else's credentials (overlayfs: those of who mounted it), the
 * privilege is not the job's.  In io_uring they are what the job registered.
 */
static __always_inline bool is_borrowed(enum sbx_call call)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->cred != task->real_cred && call != SBX_CALL_IO_URING_ENTER &&
	       call != SBX_CALL_IO_WORKER;
}

/*
 * Over a user namespace that the job made, its capabilities are its own business.  And one that
 * it does not have is refused by the kernel.
 */
static __always_inline bool is_beyond(const struct cred *cred, struct user_namespace *ns, int cap,
				      __u32 guard)
{
	__u64 caps = 0;

	if (ns->level)
		return guard == SBX_GUARD_CAPABILITY;
	bpf_core_read(&caps, sizeof(caps), &cred->cap_effective);
	return !(caps & (1ull << (cap & 63)));
}

static __always_inline __u32 op_of_guard(__u32 guard)
{
	if (guard == SBX_GUARD_MOUNT)
		return SBX_OP_MOUNT;
	return guard == SBX_GUARD_NAMESPACE ? SBX_OP_NAMESPACE : SBX_OP_CAPABILITY;
}

/* Apart from the hook, so that a task without a policy pays for few registers only. */
static __noinline int capable_of_job(struct sbx_task *t, const struct cred *cred,
				     struct user_namespace *ns, __u64 cap_opts)
{
	int cap = (int)(cap_opts >> 32);
	bool quiet = cap_opts & CAP_OPT_NOAUDIT;
	enum sbx_call call;
	struct sbx_ask *ask;
	__u32 guard, op;
	int code;

	/* through memory: else the verifier follows each call through all that comes */
	t->call = sbx_call();
	call = *(volatile __u32 *)&t->call;
	guard = guard_of_capability(cap, call, quiet);
	if (cap == CAP_SYS_ADMIN && t->half_refused)
		guard = t->half_refused;
	t->half_refused = 0;
	op = op_of_guard(guard);
	if (!guard || is_borrowed(call) || is_beyond(cred, ns, cap, guard))
		return 0;
	ask = sbx_ask_start(t, op, guard, SBX_REASON_GUARD, EPERM);
	if (op == SBX_OP_CAPABILITY) {
		ask->object = SBX_OBJECT_NUMBER;
		ask->number = cap;
	}
	/* mq_open asks whether its limits may be passed each time, and a write to a set-user-ID
	 * file whether that stays one */
	ask->quiet = quiet || guard == SBX_GUARD_PTRACE || cap == CAP_FSETID ||
		     (call == SBX_CALL_MQ_OPEN && cap == CAP_SYS_RESOURCE);
	code = sbx_refuse(t, ask);
	if (code && cap == CAP_PERFMON)
		t->half_refused = guard;
	return code;
}

SEC("lsm/capable")
int BPF_PROG(sbx_capable, const struct cred *cred, struct user_namespace *ns, int cap,
	     unsigned int opts, int ret)
{
	struct sbx_task *t;

	if (ret || !(JUDGED & (1ull << (cap & 63))))
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(capable_of_job(t, cred, ns, (__u64)cap << 32 | opts));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards about the kernel itself: modules, kexec, bpf, perf, its log, quotas, keyrings, io_uring,
 * userfaultfd; and core files.  (Files that steer it: hook_file.bpf.c; privileges:
 * hook_capable.bpf.c.)
 */
#include "guard.bpf.h"

enum kernel_read_file_id {
	READING_MODULE = 2,
	READING_MODULE_COMPRESSED = 3,
	READING_KEXEC_IMAGE = 4,
	READING_KEXEC_INITRAMFS = 5,
};

enum kernel_load_data_id {
	LOADING_MODULE = 2,
	LOADING_KEXEC_IMAGE = 3,
	LOADING_KEXEC_INITRAMFS = 4,
};

#define IS_ENUM(value, type, name)                      \
	(bpf_core_enum_value_exists(enum type, name) && \
	 (__u64)(value) == bpf_core_enum_value(enum type, name))

SEC("lsm/kernel_module_request")
int BPF_PROG(sbx_mod_request, char *name, int ret)
{
	return ret ? ret : sbx_on_plain(SBX_OP_MODULE, SBX_GUARD_MODULE);
}

SEC("lsm/kernel_read_file")
int BPF_PROG(sbx_read_file, struct file *file, int id, bool contents, int ret)
{
	if (ret)
		return ret;
	if (IS_ENUM(id, kernel_read_file_id, READING_MODULE) ||
	    IS_ENUM(id, kernel_read_file_id, READING_MODULE_COMPRESSED))
		return sbx_on_path(&file->f_path, SBX_OP_MODULE, SBX_GUARD_MODULE);
	if (IS_ENUM(id, kernel_read_file_id, READING_KEXEC_IMAGE) ||
	    IS_ENUM(id, kernel_read_file_id, READING_KEXEC_INITRAMFS))
		return sbx_on_path(&file->f_path, SBX_OP_KEXEC, SBX_GUARD_KEXEC);
	return 0;
}

SEC("lsm/kernel_load_data")
int BPF_PROG(sbx_load_data, int id, bool contents, int ret)
{
	if (ret)
		return ret;
	if (IS_ENUM(id, kernel_load_data_id, LOADING_MODULE))
		return sbx_on_plain(SBX_OP_MODULE, SBX_GUARD_MODULE);
	if (IS_ENUM(id, kernel_load_data_id, LOADING_KEXEC_IMAGE) ||
	    IS_ENUM(id, kernel_load_data_id, LOADING_KEXEC_INITRAMFS))
		return sbx_on_plain(SBX_OP_KEXEC, SBX_GUARD_KEXEC);
	return 0;
}

/* The argument lists of bpf and perf_event_open differ between kernels: only the first is used. */
SEC("lsm/bpf")
int BPF_PROG(sbx_bpf, int cmd)
{
	return sbx_on_number(SBX_OP_BPF, SBX_GUARD_BPF, cmd);
}

SEC("lsm/perf_event_open")
int BPF_PROG(sbx_perf)
{
	return sbx_on_plain(SBX_OP_PERF, SBX_GUARD_PERF);
}

/* The system call, and what opens /dev/kmsg for reading or /proc/kmsg. */
SEC("lsm/syslog")
int BPF_PROG(sbx_syslog, int type, int ret)
{
	return ret ? ret : sbx_on_number(SBX_OP_SYSLOG, SBX_GUARD_SYSLOG, type);
}

SEC("lsm/quotactl")
int BPF_PROG(sbx_quotactl, int cmd, int type, int id, const struct super_block *sb, int ret)
{
	return ret ? ret : sbx_on_number(SBX_OP_QUOTA, SBX_GUARD_QUOTA, cmd);
}

/*
 * The keyrings that a job is born with are its caller's, so any use of them is the guard.  With
 * borrowed credentials it is the kernel that looks, for a network filesystem.
 */
static __always_inline int use_key(__u64 need)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->cred == task->real_cred ? sbx_on_number(SBX_OP_KEY, SBX_GUARD_KEYRING, need)
					     : 0;
}

SEC("lsm/key_alloc")
int BPF_PROG(sbx_key_alloc, void *key, const struct cred *cred, unsigned long flags, int ret)
{
	return ret ? ret : use_key(0);
}

SEC("lsm/key_permission")
int BPF_PROG(sbx_key_perm, void *key, const struct cred *cred, unsigned int need, int ret)
{
	return ret ? ret : use_key(need);
}

/* Eight bytes of a name, as they lie in memory. */
#define WORD(a, b, c, d, e, f, g, h)                                                             \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

/* What is made is told by the name of its file: "[io_uring]", "[userfaultfd]". */
SEC("lsm/inode_init_security_anon")
int BPF_PROG(sbx_anon, struct inode *inode, const struct qstr *name, const struct inode *context,
	     int ret)
{
	__u32 len = BPF_CORE_READ(name, hash_len) >> 32; /* a union: no direct load */
	__u64 word = 0;

	if (ret || (len != 10 && len != 13))
		return ret;
	bpf_probe_read_kernel(&word, sizeof(word), name->name + 1);
	if (len == 10 && word == WORD('i', 'o', '_', 'u', 'r', 'i', 'n', 'g'))
		return sbx_on_plain(SBX_OP_IO_URING, SBX_GUARD_IO_URING);
	if (len == 13 && word == WORD('u', 's', 'e', 'r', 'f', 'a', 'u', 'l'))
		return sbx_on_plain(SBX_OP_USERFAULTFD, SBX_GUARD_USERFAULTFD);
	return 0;
}

struct rlimit {
	unsigned long rlim_max;
} CORE;

struct signal_struct___limits {
	struct rlimit rlim[16];
} CORE;

/*
 * A task that dies of a signal makes credentials for one thing only, its core file.  A limit of 0
 * keeps the file away, but not the program outside that core_pattern may name, which the kernel
 * then starts on what the job left; so a job that may have no core files gets none of that, either.
 */
SEC("lsm/cred_prepare")
int BPF_PROG(sbx_core, struct cred *new, const struct cred *old, unsigned int gfp, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct signal_struct___limits *signal;

	if (ret || !(task->flags & PF_SIGNALED) || !sbx_subject())
		return ret;
	signal = (const void *)BPF_CORE_READ(task, signal);
	return BPF_CORE_READ(signal, rlim[RLIMIT_CORE].rlim_max) ? 0 : -EPERM;
}

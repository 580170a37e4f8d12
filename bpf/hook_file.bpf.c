// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opened files: open, execute, receive, watch, truncate; and the guards that are about what was
 * opened (devices, kernel filesystems, other processes' memory, programs without a path).
 */
#include "guard.bpf.h"
#include "mqueue.bpf.h"
#include "program.bpf.h"

#define MEM_MAJOR 1 /* /dev/mem 1, /dev/kmem 2, /dev/port 4 */

static __always_inline bool is_dev(unsigned short mode)
{
	return (mode & S_IFMT) == S_IFCHR || (mode & S_IFMT) == S_IFBLK;
}

static __always_inline bool is_raw_device(unsigned short mode, __u32 rdev)
{
	__u32 minor = rdev & 0xfffff;

	if ((mode & S_IFMT) == S_IFBLK)
		return true;
	if ((mode & S_IFMT) != S_IFCHR || rdev >> 20 != MEM_MAJOR)
		return false;
	return minor == 1 || minor == 2 || minor == 4;
}

/* The rights that this open asks for. */
static __always_inline __u32 rights_of_open(const struct file *file, unsigned short mode)
{
	__u32 rights = 0;

	if (file->f_flags & FMODE_EXEC)
		return SBX_RIGHT_EXEC;
	if (file->f_mode & FMODE_READ)
		rights |= (mode & S_IFMT) == S_IFDIR ? SBX_RIGHT_LIST : SBX_RIGHT_READ;
	if (file->f_mode & FMODE_WRITE)
		rights |= SBX_RIGHT_WRITE;
	if (!rights) /* opened for ioctl alone */
		rights = SBX_RIGHT_READ | SBX_RIGHT_WRITE;
	if (is_dev(mode))
		rights |= SBX_RIGHT_DEVICE;
	return rights;
}

/* Filesystems through which the kernel itself is steered. */
static __always_inline bool is_kernel_fs(unsigned long magic)
{
	return magic == SYSFS_MAGIC || magic == SECURITYFS_MAGIC || magic == DEBUGFS_MAGIC ||
	       magic == TRACEFS_MAGIC || magic == BPF_FS_MAGIC || magic == EFIVARFS_MAGIC ||
	       magic == CONFIGFS_MAGIC || magic == BINFMTFS_MAGIC;
}

static __always_inline bool is_cgroup_fs(unsigned long magic)
{
	return magic == CGROUP2_SUPER_MAGIC || magic == CGROUP_SUPER_MAGIC;
}

static __always_inline __u8 first_byte(const struct dentry *dentry)
{
	__u8 c = 0;

	bpf_probe_read_kernel(&c, 1, BPF_CORE_READ(dentry, d_name.name));
	return c;
}

struct proc_top {
	struct dentry *dentry;
};

static long proc_top_step(__u32 i, struct proc_top *c)
{
	struct dentry *dentry = c->dentry;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

	if (!parent || BPF_CORE_READ(parent, d_parent) == parent)
		return 1;
	c->dentry = parent;
	return 0;
}

/* The directory right below procfs' root on the way to `dentry`, whatever is mounted where. */
static __always_inline struct dentry *proc_top(struct dentry *dentry)
{
	struct proc_top c = { .dentry = dentry };

	bpf_loop(16, proc_top_step, &c, 0);
	return c.dentry;
}

static __always_inline bool is_number(__u8 c)
{
	return c >= '0' && c <= '9';
}

/* "mem" of a process. */
static __always_inline bool is_proc_mem(const struct dentry *dentry)
{
	char name[4] = {};

	if (BPF_CORE_READ(dentry, d_name.hash_len) >> 32 != 3)
		return false;
	bpf_probe_read_kernel(name, 3, BPF_CORE_READ(dentry, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm';
}

/* The guard of an open on procfs, or 0. */
static __always_inline __u32 guard_of_proc(const struct sbx_task *t, struct dentry *dentry,
					   bool writing)
{
	struct dentry *top = proc_top(dentry);

	if (!is_number(first_byte(top)))
		return writing ? SBX_GUARD_KERNEL_CONTROL : 0;
	if (is_proc_mem(dentry) && (writing || sbx_proc_dir_job(top) != t->job))
		return SBX_GUARD_PROC_MEM;
	return 0;
}

/* The guard that an open meets before any rule, or 0. */
static __always_inline __u32 guard_of_open(const struct sbx_task *t, struct file *file,
					   unsigned short mode)
{
	unsigned long magic = file->f_inode->i_sb->s_magic;
	bool writing = file->f_mode & FMODE_WRITE;

	if (is_dev(mode) && is_raw_device(mode, file->f_inode->i_rdev))
		return SBX_GUARD_RAW_DEVICE;
	if (magic == PROC_SUPER_MAGIC)
		return guard_of_proc(t, file->f_path.dentry, writing);
	if (magic == MQUEUE_MAGIC)
		return SBX_GUARD_IPC_OUTSIDE;
	if (!writing)
		return 0;
	if ((file->f_flags & O_TMPFILE_BIT) && sbx_lends_identity(mode))
		return SBX_GUARD_SETUID; /* made by this open, without path_mknod */
	if (is_cgroup_fs(magic))
		return SBX_GUARD_CGROUP;
	return is_kernel_fs(magic) ? SBX_GUARD_KERNEL_CONTROL : 0;
}

/* The file whose making was held to be refused is there already: so nothing was refused. */
static __always_inline void drop_held(struct sbx_task *t, const struct file *file)
{
	const struct dentry *dentry = file->f_path.dentry;

	if ((file->f_flags & O_CREAT) && !(file->f_mode & FMODE_CREATED) &&
	    t->held_parent == (__u64)dentry->d_parent &&
	    t->held_name == BPF_CORE_READ(dentry, d_name.hash_len))
		t->held_parent = 0;
	else
		sbx_event_settle(t);
}

/* What opening the file takes, in the name of `how`, or of OPEN or EXEC where that is 0. */
static __always_inline int judge(struct sbx_task *t, struct file *file, __u32 how)
{
	unsigned short mode = file->f_inode->i_mode;
	__u32 rights, guard, op;
	int code, reason;

	t->open_rights = rights_of_open(file, mode);
	t->open_guard = guard_of_open(t, file, mode);
	reason = sbx_walk_any(t, file->f_path.dentry, file->f_path.mnt, true);
	rights = t->open_rights;
	guard = t->open_guard;
	op = rights & SBX_RIGHT_EXEC ? SBX_OP_EXEC : SBX_OP_OPEN;
	if (how)
		op = how;
	if (!reason && (rights & SBX_RIGHT_EXEC) && sbx_is_nameless(t, file->f_path.dentry))
		guard = SBX_GUARD_FILELESS_EXEC;
	if (guard == SBX_GUARD_IPC_OUTSIDE && sbx_mqueue_is_own(t, file->f_inode->i_sb)) {
		if (reason)
			return 0;
	} else if (guard) {
		code = sbx_guard_path(t, op, guard);
		if (code)
			return sbx_verdict(code);
		if (guard == SBX_GUARD_IPC_OUTSIDE && reason)
			return 0; /* Linux 6.1 keeps message queues in no mount tree */
	}
	if (reason)
		return sbx_verdict(sbx_refuse_walk(t, op, rights, reason));
	code = sbx_decide_path(t, op, rights, 0);
	if (!code && (rights & SBX_RIGHT_EXEC))
		code = sbx_check_program(t, file->f_inode, op);
	return sbx_verdict(code);
}

/* Apart from the hook, so that a task without a policy pays for few registers only. */
static __noinline int open_of_job(struct sbx_task *t, struct file *file)
{
	if (t->held_parent)
		drop_held(t, file);
	return judge(t, file, 0);
}

SEC("lsm/file_open")
int BPF_PROG(sbx_file_open, struct file *file, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject_find();
	return t ? sbx_errno(-open_of_job(t, file)) : 0;
}

/*
 * A descriptor that somebody sent, or that was taken from another process: what it gives is asked
 * for as if the file were opened here.  Sockets are hook_socket.bpf.c's, and O_PATH gives nothing.
 */
SEC("lsm/file_receive")
int BPF_PROG(sbx_recv_file, struct file *file, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK || (file->f_flags & O_PATH))
		return 0;
	t = sbx_subject();
	return t ? judge(t, file, SBX_OP_RECEIVE) : 0;
}

/*
 * inotify, dnotify, fanotify: who watches a directory learns the names in it, who watches a file
 * when it is used.  A mark on a whole mount or filesystem would tell of everything there.
 */
SEC("lsm/path_notify")
int BPF_PROG(sbx_notify, const struct path *path, __u64 mask, unsigned int kind, int ret)
{
	struct sbx_task *t;
	__u32 rights;
	int code;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	if (kind) {
		code = sbx_guard_number(t, SBX_OP_WATCH, SBX_GUARD_KERNEL_CONTROL, kind);
		if (code)
			return sbx_verdict(code);
	}
	rights = (BPF_CORE_READ(path, dentry, d_inode, i_mode) & S_IFMT) == S_IFDIR
			 ? SBX_RIGHT_LIST
			 : SBX_RIGHT_READ;
	return sbx_verdict(sbx_ask_path(t, path->dentry, path->mnt, SBX_OP_WATCH, rights));
}

SEC("lsm/path_truncate")
int BPF_PROG(sbx_truncate, const struct path *path, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(
		sbx_ask_path(t, path->dentry, path->mnt, SBX_OP_TRUNCATE, SBX_RIGHT_WRITE));
}

/* From Linux 6.2 on, ftruncate comes here instead. */
SEC("lsm/file_truncate")
int BPF_PROG(sbx_ftruncate, struct file *file, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(sbx_ask_path(t, file->f_path.dentry, file->f_path.mnt, SBX_OP_TRUNCATE,
					SBX_RIGHT_WRITE));
}

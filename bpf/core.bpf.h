/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The umbrella header of the BPF side: base types, libbpf's helpers, and only those fields of
 * kernel structures that are read, marked for relocation at load time.  Include order matters:
 * the types come before libbpf's headers.
 */
#ifndef SBX_CORE_BPF_H
#define SBX_CORE_BPF_H

#include <asm-generic/errno.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#define CORE __attribute__((preserve_access_index))

/* From the kernel's uapi and internal headers, which cannot be included beside each other. */
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_VSOCK 40
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_PRIVATE (1 << 9) /* in i_flags: the kernel's own, such as shared anonymous memory */

#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20 /* in f_flags: opened by execve */
#define FMODE_CREATED 0x100000
#define O_CREAT 0100
#define PROT_EXEC 0x4
#define VM_EXEC 0x4
#define RENAME_EXCHANGE 0x2

#define CAP_NET_ADMIN 12
#define CAP_SYS_RAWIO 17
#define CAP_SYS_PACCT 20
#define CAP_SYS_BOOT 22
#define CAP_SYS_TIME 25
#define CAP_OPT_NOAUDIT 2
#define CAP_SYS_ADMIN 21
#define F_SETOWN 8
#define F_SETOWN_EX 15
#define FIOSETOWN 0x8901
#define SIOCSPGRP 0x8902
#define PTRACE_MODE_ATTACH 0x2
#define PTRACE_MODE_NOAUDIT 0x4
#define SIGKILL 9

/* How the kernel names the function of a system call. */
#if defined(__TARGET_ARCH_arm64)
#define SYSCALL_FN(name) "__arm64_sys_" name
#else
#define SYSCALL_FN(name) "__x64_sys_" name
#endif

#define CLONE_FS 0x00000200ul
#define CLONE_FILES 0x00000400ul
#define CLONE_SYSVSEM 0x00040000ul
#define CLONE_NEWTIME 0x00000080ull
#define CLONE_NEWNS 0x00020000ull
#define CLONE_NEWCGROUP 0x02000000ull
#define CLONE_NEWUTS 0x04000000ull
#define CLONE_NEWIPC 0x08000000ull
#define CLONE_NEWUSER 0x10000000ull
#define CLONE_NEWPID 0x20000000ull
#define CLONE_NEWNET 0x40000000ull
#define CLONE_INTO_CGROUP 0x200000000ull

#define CGROUP2_SUPER_MAGIC 0x63677270
#define CGROUP_SUPER_MAGIC 0x27e0eb
#define PROC_SUPER_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define SECURITYFS_MAGIC 0x73636673
#define DEBUGFS_MAGIC 0x64626720
#define TRACEFS_MAGIC 0x74726163
#define BPF_FS_MAGIC 0xcafe4a11
#define EFIVARFS_MAGIC 0xde5e81e4
#define CONFIGFS_MAGIC 0x62656570
#define BINFMTFS_MAGIC 0x42494e4d

#define PIDTYPE_TGID 1
#define PIDTYPE_MAX 4

struct hlist_node {
	struct hlist_node *next;
} CORE;

struct hlist_head {
	struct hlist_node *first;
} CORE;

struct qstr {
	__u64 hash_len; /* length in the upper half */
	const unsigned char *name;
} CORE;

struct super_block {
	unsigned long s_magic;
	struct dentry *s_root;
} CORE;

struct inode_operations {
	void *create;
} CORE;

struct inode {
	unsigned short i_mode;
	unsigned int i_flags;
	const struct inode_operations *i_op;
	__u32 i_rdev;
	struct super_block *i_sb;
} CORE;

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
} CORE;

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
} CORE;

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
} CORE;

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
} CORE;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} CORE;

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	unsigned int f_mode;
	void *private_data;
} CORE;

/* What a mapping of an overlayfs file holds since Linux 6.5. */
struct backing_file {
	struct file file;
	struct path user_path;
} CORE;

struct vm_area_struct {
	struct file *vm_file;
	unsigned long vm_flags;
} CORE;

struct iattr {
	unsigned int ia_valid;
} CORE;

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

struct cred {
	kuid_t uid, suid, euid, fsuid;
	kgid_t gid, sgid, egid, fsgid;
} CORE;

struct linux_binprm {
	struct file *file;
	struct cred *cred;
} CORE;

struct kernfs_node {
	__u64 id;
} CORE;

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
} CORE;

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
} CORE;

struct css_set {
	struct cgroup *dfl_cgrp;
} CORE;

struct signal_struct {
	int nr_threads;
} CORE;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} CORE;

struct pid {
	struct hlist_head tasks[PIDTYPE_MAX];
} CORE;

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct hlist_node pid_links[PIDTYPE_MAX];
	const struct cred *cred;
	char comm[16];
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
} CORE;

struct proc_inode {
	struct pid *pid;
	struct inode vfs_inode;
} CORE;

struct sock_cgroup_data {
	struct cgroup *cgroup;
} CORE;

struct in6_addr {
	__u8 bytes[16];
};

struct sock_common {
	unsigned short skc_family;
	__u32 skc_rcv_saddr;
	__u16 skc_num;
	struct in6_addr skc_v6_rcv_saddr;
} CORE;

struct sock {
	struct sock_common __sk_common;
	struct sock_cgroup_data sk_cgrp_data;
	__u16 sk_type;
	__u16 sk_protocol;
} CORE;

struct unix_sock {
	struct path path;
} CORE;

struct socket {
	short type;
	struct sock *sk;
} CORE;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} CORE;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} CORE;

#endif /* SBX_CORE_BPF_H */

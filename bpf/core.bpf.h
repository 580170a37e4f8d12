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

#include "const.bpf.h"

#define CORE __attribute__((preserve_access_index))

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

struct dentry_operations {
	void *d_compare;
} CORE;

struct unicode_map;
struct backing_dev_info;

struct super_block {
	__u32 s_dev;
	struct backing_dev_info *s_bdi;
	unsigned long s_magic;
	struct dentry *s_root;
	struct unicode_map *s_encoding;		/* where the kernel has CONFIG_UNICODE */
	const struct dentry_operations *s_d_op; /* up to Linux 6.16 */
	unsigned int s_d_flags;			/* from 6.17 on */
	void *s_fs_info;
} CORE;

struct ns_common {
	unsigned int inum;
} CORE;

struct ipc_namespace {
	struct ns_common ns;
} CORE;

struct inode_operations {
	void *create;
} CORE;

typedef struct {
	int counter;
} atomic_t;

struct inode {
	unsigned short i_mode;
	unsigned int i_flags;
	const struct inode_operations *i_op;
	__u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
	__s64 i_size;
	__u32 i_generation;
	atomic_t i_writecount;
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
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

struct anon_vma;

struct vm_area_struct {
	struct file *vm_file;
	struct anon_vma *anon_vma; /* set once a private page was written */
	unsigned long vm_flags;
} CORE;

struct iattr {
	unsigned int ia_valid;
	__s64 ia_size;
} CORE;

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

/* 64 bits, whatever their type is called. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace {
	int level; /* 0: the first one */
} CORE;

struct cred {
	kuid_t uid, suid, euid, fsuid;
	kgid_t gid, sgid, egid, fsgid;
	kernel_cap_t cap_effective;
} CORE;

struct linux_binprm {
	unsigned long p; /* lowest byte of the new program's strings */
	struct file *file;
	struct cred *cred;
	int argc;
	unsigned long exec; /* end of its environment */
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

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 */
} CORE;

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int personality;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct hlist_node pid_links[PIDTYPE_MAX];
	const struct cred *real_cred;
	const struct cred *cred;
	char comm[16];
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
} CORE;

struct kern_ipc_perm {
	int id;
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

struct sk_buff {
	unsigned int len;
	unsigned char *data;
} CORE;

struct sockaddr_un {
	unsigned short sun_family;
} CORE;

struct unix_address {
	int len;
	struct sockaddr_un name[0];
} CORE;

struct unix_sock {
	struct unix_address *addr;
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

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} CORE;

#endif /* SBX_CORE_BPF_H */

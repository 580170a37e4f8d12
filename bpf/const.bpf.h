/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the kernel: from its uapi and internal headers, which cannot be included together. */
#ifndef SBX_CONST_BPF_H
#define SBX_CONST_BPF_H

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define NETLINK_ROUTE 0
#define AF_PACKET 17
#define AF_VSOCK 40
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_TCP 6
#define IPPROTO_ICMP 1
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP 262

#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFSOCK 0140000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFLNK 0120000
#define S_IFCHR 0020000
#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_IXGRP 0000010
#define S_PRIVATE (1 << 9) /* in i_flags: the kernel's own, such as shared anonymous memory */

#define MAY_WRITE 0x2 /* in a mask of file_permission */
#define BDI_CAP_WRITEBACK 0x1
#define FALLOC_FL_PUNCH_HOLE 0x02 /* these three give blocks back, or none */
#define FALLOC_FL_COLLAPSE_RANGE 0x08
#define FALLOC_FL_INSERT_RANGE 0x20
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20 /* in f_flags: opened by execve */
#define FMODE_CREATED 0x100000
#define O_CREAT 0100
#define O_APPEND 02000
#define O_PATH 010000000
#define O_TMPFILE_BIT 020000000 /* of O_TMPFILE, which holds O_DIRECTORY besides */
#define PROT_READ 0x1
#define PROT_WRITE 0x2
#define PROT_EXEC 0x4
#define VM_WRITE 0x2
#define VM_EXEC 0x4
#define VM_SHARED 0x8
#define MAP_SHARED 0x1 /* a bit that MAP_SHARED_VALIDATE has, too, and MAP_PRIVATE has not */
#define MAP_PRIVATE 0x2
#define MAP_TYPE 0xf
#define READ_IMPLIES_EXEC 0x0400000 /* in personality */
#define RENAME_EXCHANGE 0x2
#define RENAME_WHITEOUT 0x4

#define F_SETOWN 8
#define F_UNLCK 2
#define F_SETOWN_EX 15
#define F_SETLEASE 1024
#define F_SETDELEG 1040
#define FIOSETOWN 0x8901
#define SIOCSPGRP 0x8902
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PF_SIGNALED 0x400 /* in flags of a task: it dies of a signal */
#define RLIMIT_CORE 4
#define PTRACE_MODE_ATTACH 0x2
#define PTRACE_MODE_NOAUDIT 0x4
#define SIGKILL 9

/* How the kernel names the function of a system call. */
#if defined(__TARGET_ARCH_arm64)
#define SYSCALL_FN(name) "__arm64_sys_" name
#else
#define SYSCALL_FN(name) "__x64_sys_" name
#endif

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
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define MQUEUE_MAGIC 0x19800202

#define PIDTYPE_TGID 1
#define PIDTYPE_MAX 4

#endif /* SBX_CONST_BPF_H */

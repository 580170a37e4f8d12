// SPDX-License-Identifier: GPL-2.0-only
/*
 * The few ioctls that do what another hook would refuse: file flags, whole filesystems and
 * subvolumes, terminals, the owner of a descriptor's signals.
 */
#include "walk.bpf.h"
#include "ioctl.bpf.h"

#define FS_IOC_SETFLAGS 0x40086602
#define FS_IOC32_SETFLAGS 0x40046602
#define FS_IOC_FSSETXATTR 0x401c5820
#define FS_IOC_SETVERSION 0x40087602
#define FS_IOC32_SETVERSION 0x40047602
#define EXT4_IOC_SETVERSION 0x40086604
#define EXT4_IOC32_SETVERSION 0x40046604
#define EXT4_IOC_MIGRATE 0x6609
#define FS_IOC_SET_ENCRYPTION_POLICY 0x800c6613
#define FAT_IOCTL_SET_ATTRIBUTES 0x40047211
#define FIFREEZE 0xc0045877
#define FITHAW 0xc0045878
#define FITRIM 0xc0185879
#define FS_IOC_SETFSLABEL 0x41009432
#define FS_IOC_SHUTDOWN 0x8004587d
#define EXT4_IOC_RESIZE_FS 0x40086610
#define FS_IOC_ENABLE_VERITY 0x40806685
#define BTRFS_IOCTL_MAGIC 0x94
#define BCACHEFS_IOCTL_MAGIC 0xbc
#define FICLONE 0x40049409
#define FICLONERANGE 0x4020940d
#define FIDEDUPERANGE 0xc0189436

/*
 * Snapshots and subvolumes give files new names without any path hook.  Of these filesystems'
 * own calls only those pass that just read, and the cloning of ranges, which is a write.
 */
static __always_inline bool makes_subvolumes(unsigned int cmd)
{
	unsigned int magic = (cmd >> 8) & 0xff;

	if (magic != BTRFS_IOCTL_MAGIC && magic != BCACHEFS_IOCTL_MAGIC)
		return false;
	if (cmd == FICLONE || cmd == FICLONERANGE || cmd == FIDEDUPERANGE)
		return false;
	return cmd >> 30 != 2; /* direction: the kernel only hands out */
}

/* Steers a filesystem as a whole, even through a descriptor that was opened for reading. */
static __always_inline bool is_fs_control(unsigned int cmd)
{
	return cmd == FIFREEZE || cmd == FITHAW || cmd == FITRIM || cmd == FS_IOC_SETFSLABEL ||
	       cmd == FS_IOC_SHUTDOWN || cmd == EXT4_IOC_RESIZE_FS || cmd == FS_IOC_ENABLE_VERITY ||
	       makes_subvolumes(cmd);
}

/* Changes what belongs to a file, even through a descriptor that was opened for reading. */
static __always_inline bool sets_attributes(unsigned int cmd)
{
	return cmd == FS_IOC_SETFLAGS || cmd == FS_IOC32_SETFLAGS || cmd == FS_IOC_FSSETXATTR ||
	       cmd == FS_IOC_SETVERSION || cmd == FS_IOC32_SETVERSION ||
	       cmd == EXT4_IOC_SETVERSION || cmd == EXT4_IOC32_SETVERSION ||
	       cmd == EXT4_IOC_MIGRATE || cmd == FS_IOC_SET_ENCRYPTION_POLICY ||
	       cmd == FAT_IOCTL_SET_ATTRIBUTES;
}

static __always_inline int refuse_ioctl(__u32 op, __u32 guard, unsigned int cmd)
{
	struct sbx_task *t = sbx_subject();

	return t ? sbx_verdict(sbx_guard_number(t, op, guard, cmd)) : 0;
}

static __always_inline int file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct sbx_task *t;

	if (sbx_is_tty_takeover(cmd, arg))
		return refuse_ioctl(SBX_OP_TTY, SBX_GUARD_TTY_INJECT, cmd);
	if (is_fs_control(cmd))
		return refuse_ioctl(SBX_OP_FLAGS, SBX_GUARD_KERNEL_CONTROL, cmd);
	if (cmd == FIOSETOWN || cmd == SIOCSPGRP)
		return refuse_ioctl(SBX_OP_SIGNAL, SBX_GUARD_SIGNAL_OUTSIDE, cmd);
	if (!sets_attributes(cmd))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(sbx_ask_path(t, file->f_path.dentry, file->f_path.mnt, SBX_OP_FLAGS,
					SBX_RIGHT_ATTR));
}

SEC("lsm/file_ioctl")
int BPF_PROG(sbx_file_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : file_ioctl(file, cmd, arg);
}

/* From Linux 6.8 on, 32-bit callers come here. */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(sbx_ioctl_32, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : file_ioctl(file, cmd, arg);
}

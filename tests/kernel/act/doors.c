// SPDX-License-Identifier: GPL-2.0-only
/* Acts on files by the less common doors: io_uring, newer calls, sent descriptors, watches. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act.h"

#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469
#define NR_FCHMODAT2 452

static __u64 address_of(const void *pointer)
{
	return (__u64)(uintptr_t)pointer;
}

/* 0 or errno of a submission; a descriptor that it made is closed. */
static int submit(struct io_uring_sqe *sqe)
{
	int result = act_uring(sqe);

	if (result > 0)
		(void)close(result);
	return result < 0 ? -result : 0;
}

static int do_uring_openat2(int argc, char **argv)
{
	struct open_how how = { .flags = (__u64)act_open_flags(argv[0]) };
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT2,
				    .fd = AT_FDCWD,
				    .addr = address_of(argv[1]),
				    .len = sizeof(how),
				    .off = address_of(&how) };

	(void)argc;
	return submit(&sqe);
}

static int do_uring_mkdir(int argc, char **argv)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_MKDIRAT,
				    .fd = AT_FDCWD,
				    .addr = address_of(argv[0]),
				    .len = 0755 };

	(void)argc;
	return submit(&sqe);
}

static int do_uring_unlink(int argc, char **argv)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_UNLINKAT,
				    .fd = AT_FDCWD,
				    .addr = address_of(argv[0]) };

	(void)argc;
	return submit(&sqe);
}

static int two_names(__u8 opcode, char **argv, __u32 second_fd)
{
	struct io_uring_sqe sqe = { .opcode = opcode,
				    .fd = AT_FDCWD,
				    .addr = address_of(argv[0]),
				    .len = second_fd,
				    .addr2 = address_of(argv[1]) };

	return submit(&sqe);
}

static int do_uring_rename(int argc, char **argv)
{
	(void)argc;
	return two_names(IORING_OP_RENAMEAT, argv, (__u32)AT_FDCWD);
}

static int do_uring_link(int argc, char **argv)
{
	(void)argc;
	return two_names(IORING_OP_LINKAT, argv, (__u32)AT_FDCWD);
}

static int do_uring_symlink(int argc, char **argv)
{
	(void)argc;
	return two_names(IORING_OP_SYMLINKAT, argv, 0);
}

static int do_uring_setxattr(int argc, char **argv)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SETXATTR,
				    .addr = address_of(argv[1]),
				    .len = 1,
				    .addr2 = address_of("v"),
				    .addr3 = address_of(argv[0]) };

	(void)argc;
	return submit(&sqe);
}

static int do_setxattrat(int argc, char **argv)
{
	struct {
		__u64 value;
		__u32 size;
		__u32 flags;
	} args = { .value = address_of("v"), .size = 1 };

	(void)argc;
	return act_errno(
		syscall(NR_SETXATTRAT, AT_FDCWD, argv[0], 0, argv[1], &args, sizeof(args)));
}

static int do_removexattrat(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(NR_REMOVEXATTRAT, AT_FDCWD, argv[0], 0, argv[1]));
}

static int do_file_setattr(int argc, char **argv)
{
	struct {
		__u64 xflags;
		__u32 extsize, nextents, projid, cowextsize;
	} attr = { .xflags = FS_XFLAG_NODUMP };

	(void)argc;
	return act_errno(syscall(NR_FILE_SETATTR, AT_FDCWD, argv[0], &attr, sizeof(attr), 0));
}

static int do_fchmodat2(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(NR_FCHMODAT2, AT_FDCWD, argv[0], 0600, AT_SYMLINK_NOFOLLOW));
}

/* O_TMPFILE in DIR, then a name for it. */
static int do_tmpfile_link(int argc, char **argv)
{
	int fd = open(argv[0], O_RDWR | O_TMPFILE | O_CLOEXEC, 0644);
	int code;

	(void)argc;
	if (fd < 0)
		return EPROTO;
	code = act_errno(linkat(fd, "", AT_FDCWD, argv[1], AT_EMPTY_PATH));
	(void)close(fd);
	return code;
}

/* A descriptor that was opened for reading alone changes nothing, whichever call is used. */
static int do_write_by_reading(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	int from = open(argv[1], O_RDONLY | O_CLOEXEC);
	loff_t offset = 0;
	int code = 0;

	(void)argc;
	if (fd < 0 || from < 0)
		return EPROTO;
	if (mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED ||
	    copy_file_range(from, &offset, fd, NULL, 1, 0) >= 0 ||
	    sendfile(fd, from, NULL, 1) >= 0 ||
	    !fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) ||
	    !fallocate(fd, 0, 0, 1) || !ioctl(fd, FICLONE, from) || pwrite(fd, "x", 1, 0) >= 0)
		code = EXDEV;
	(void)close(fd);
	(void)close(from);
	return code;
}

static int do_watch(int argc, char **argv)
{
	int fd = inotify_init1(IN_CLOEXEC);
	int code;

	(void)argc;
	if (fd < 0)
		return EPROTO;
	code = act_errno(inotify_add_watch(fd, argv[0], IN_ALL_EVENTS));
	(void)close(fd);
	return code;
}

static int fanotify(char **argv, unsigned int kind)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);
	int code;

	if (fd < 0)
		return EPROTO;
	code = act_errno(fanotify_mark(fd, FAN_MARK_ADD | kind, FAN_OPEN, AT_FDCWD, argv[0]));
	(void)close(fd);
	return code;
}

static int do_fan_watch(int argc, char **argv)
{
	(void)argc;
	return fanotify(argv, 0);
}

static int do_fan_mount(int argc, char **argv)
{
	(void)argc;
	return fanotify(argv, FAN_MARK_MOUNT);
}

static int do_fan_filesystem(int argc, char **argv)
{
	(void)argc;
	return fanotify(argv, FAN_MARK_FILESYSTEM);
}

static int do_fd_notify(int argc, char **argv)
{
	(void)argc;
	(void)signal(SIGIO, SIG_IGN); /* what F_NOTIFY sends */
	return act_errno(fcntl(atoi(argv[0]), F_NOTIFY, DN_ACCESS));
}

static int do_lease(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	(void)argc;
	return fd < 0 ? errno : act_errno(fcntl(fd, F_SETLEASE, F_RDLCK));
}

/* The next descriptor that comes over descriptor 0; without one the kernel says so by a flag. */
static int do_receive(int argc, char **argv)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head;
	int fd;

	(void)argc;
	if (recvmsg(STDIN_FILENO, &message, MSG_DONTWAIT) != 1)
		return EPROTO;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return message.msg_flags & MSG_CTRUNC ? ENODATA : EPROTO;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	if (dup2(fd, atoi(argv[0])) < 0)
		return errno;
	if (fd != atoi(argv[0]))
		(void)close(fd);
	return 0;
}

const struct act door_acts[] = {
	{ "uring-openat2", 2, do_uring_openat2 },
	{ "uring-mkdir", 1, do_uring_mkdir },
	{ "uring-unlink", 1, do_uring_unlink },
	{ "uring-rename", 2, do_uring_rename },
	{ "uring-link", 2, do_uring_link },
	{ "uring-symlink", 2, do_uring_symlink },
	{ "uring-setxattr", 2, do_uring_setxattr },
	{ "setxattrat", 2, do_setxattrat },
	{ "removexattrat", 2, do_removexattrat },
	{ "file-setattr", 1, do_file_setattr },
	{ "fchmodat2", 1, do_fchmodat2 },
	{ "tmpfile-link", 2, do_tmpfile_link },
	{ "write-by-reading", 2, do_write_by_reading },
	{ "watch", 1, do_watch },
	{ "fan-watch", 1, do_fan_watch },
	{ "fan-mount", 1, do_fan_mount },
	{ "fan-filesystem", 1, do_fan_filesystem },
	{ "fd-notify", 1, do_fd_notify },
	{ "lease", 1, do_lease },
	{ "receive", 1, do_receive },
	{ NULL, 0, NULL },
};

// SPDX-License-Identifier: GPL-2.0-only
/* Acts on files by name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "act.h"

#define MODE_NEW 0644

int act_open_flags(const char *words)
{
	static const struct {
		const char *word;
		int flags;
	} known[] = {
		{ "r", O_RDONLY },	    { "w", O_WRONLY },
		{ "rw", O_RDWR },	    { "none", 3 },
		{ "append", O_APPEND },	    { "trunc", O_TRUNC },
		{ "creat", O_CREAT },	    { "excl", O_EXCL },
		{ "path", O_PATH },	    { "dir", O_DIRECTORY },
		{ "nofollow", O_NOFOLLOW }, { "tmpfile", O_TMPFILE },
		{ "noatime", O_NOATIME },   { "nonblock", O_NONBLOCK },
	};
	int flags = O_CLOEXEC;

	while (*words) {
		size_t len = strcspn(words, "+");

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (strlen(known[i].word) == len && !strncmp(words, known[i].word, len))
				flags |= known[i].flags;
		}
		words += len + (words[len] == '+');
	}
	return flags;
}

static int do_open(int argc, char **argv)
{
	(void)argc;
	return act_close(open(argv[1], act_open_flags(argv[0]), MODE_NEW));
}

static int do_openat2(int argc, char **argv)
{
	struct open_how how = { .flags = (__u64)act_open_flags(argv[0]) };

	(void)argc;
	if (how.flags & (O_CREAT | __O_TMPFILE))
		how.mode = MODE_NEW;
	return act_close(syscall(SYS_openat2, AT_FDCWD, argv[1], &how, sizeof(how)));
}

static int do_creat(int argc, char **argv)
{
	(void)argc;
	return act_close(creat(argv[0], MODE_NEW));
}

static union {
	struct file_handle head;
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
} handle;

static int do_handle_get(int argc, char **argv)
{
	int mount_id;

	(void)argc;
	handle.head.handle_bytes = MAX_HANDLE_SZ;
	return act_errno(name_to_handle_at(AT_FDCWD, argv[0], &handle.head, &mount_id, 0));
}

static int do_handle_use(int argc, char **argv)
{
	int mount_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code;

	(void)argc;
	if (mount_fd < 0)
		return errno == EACCES ? EPROTO : errno; /* EACCES is for the open itself */
	code = act_close(open_by_handle_at(mount_fd, &handle.head, act_open_flags(argv[0])));
	(void)close(mount_fd);
	return code;
}

static int do_handle_open(int argc, char **argv)
{
	char *use[] = { argv[0], argv[2] };
	int code = do_handle_get(1, argv + 1);

	(void)argc;
	return code ? code : do_handle_use(2, use);
}

/* The rings of one submission; the kernel's layout, without liburing. */
int act_uring(const struct io_uring_sqe *sqe)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	size_t size;
	char *ring;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	int result;

	if (fd < 0)
		return -errno;
	size = params.cq_off.cqes + params.cq_entries * sizeof(*cqes);
	if (size < params.sq_off.array + params.sq_entries * sizeof(__u32))
		size = params.sq_off.array + params.sq_entries * sizeof(__u32);
	ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || (void *)sqes == MAP_FAILED)
		return -EPROTO;
	*sqes = *sqe;
	*(__u32 *)(void *)(ring + params.sq_off.array) = 0;
	__atomic_store_n((__u32 *)(void *)(ring + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	cqes = (struct io_uring_cqe *)(void *)(ring + params.cq_off.cqes);
	result = cqes->res;
	(void)close(fd);
	return result;
}

static int uring_open(char **argv, unsigned int how)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_OPENAT,
		.flags = (__u8)how,
		.fd = AT_FDCWD,
		.addr = (__u64)(uintptr_t)argv[1],
		.len = MODE_NEW,
		.open_flags = (__u32)act_open_flags(argv[0]),
	};
	int result = act_uring(&sqe);

	if (result < 0)
		return -result;
	(void)close(result);
	return 0;
}

static int do_uring_open(int argc, char **argv)
{
	(void)argc;
	return uring_open(argv, 0);
}

/* By a worker thread of the kernel, which is a task of its own. */
static int do_uring_worker(int argc, char **argv)
{
	(void)argc;
	return uring_open(argv, IOSQE_ASYNC);
}

static int do_proc(int argc, char **argv)
{
	char path[128];

	(void)argc;
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", act_pid(argv[1]), argv[2]);
	return act_close(open(path, act_open_flags(argv[0])));
}

static int do_read(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	char byte;
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(read(fd, &byte, 1));
	(void)close(fd);
	return code;
}

static int do_write(int argc, char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CLOEXEC);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(write(fd, "x", 1));
	(void)close(fd);
	return code;
}

static int do_list(int argc, char **argv)
{
	DIR *dir = opendir(argv[0]);

	(void)argc;
	if (!dir)
		return errno;
	errno = 0;
	while (readdir(dir))
		;
	(void)closedir(dir);
	return errno;
}

static int do_cd(int argc, char **argv)
{
	(void)argc;
	return act_errno(chdir(argv[0]));
}

static int do_mkdir(int argc, char **argv)
{
	(void)argc;
	return act_errno(mkdir(argv[0], 0755));
}

static int do_rmdir(int argc, char **argv)
{
	(void)argc;
	return act_errno(rmdir(argv[0]));
}

static int do_unlink(int argc, char **argv)
{
	(void)argc;
	return act_errno(unlink(argv[0]));
}

static int do_symlink(int argc, char **argv)
{
	(void)argc;
	return act_errno(symlink(argv[0], argv[1]));
}

static int do_mkfifo(int argc, char **argv)
{
	(void)argc;
	return act_errno(mknod(argv[0], S_IFIFO | MODE_NEW, 0));
}

static int do_mksock(int argc, char **argv)
{
	(void)argc;
	return act_errno(mknod(argv[0], S_IFSOCK | MODE_NEW, 0));
}

static int do_mkreg(int argc, char **argv)
{
	(void)argc;
	return act_errno(mknod(argv[0], S_IFREG | MODE_NEW, 0));
}

static int make_device(char **argv, mode_t type)
{
	unsigned int major = (unsigned int)atoi(argv[1]), minor = (unsigned int)atoi(argv[2]);

	return act_errno(mknod(argv[0], type | MODE_NEW, makedev(major, minor)));
}

static int do_mkchr(int argc, char **argv)
{
	(void)argc;
	return make_device(argv, S_IFCHR);
}

static int do_mkblk(int argc, char **argv)
{
	(void)argc;
	return make_device(argv, S_IFBLK);
}

static int do_rename(int argc, char **argv)
{
	(void)argc;
	return act_errno(rename(argv[0], argv[1]));
}

static int do_rename_new(int argc, char **argv)
{
	(void)argc;
	return act_errno(renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_NOREPLACE));
}

static int do_exchange(int argc, char **argv)
{
	(void)argc;
	return act_errno(renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE));
}

static int do_rename_whiteout(int argc, char **argv)
{
	(void)argc;
	return act_errno(renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_WHITEOUT));
}

static int do_link(int argc, char **argv)
{
	(void)argc;
	return act_errno(link(argv[0], argv[1]));
}

static int do_link_follow(int argc, char **argv)
{
	(void)argc;
	return act_errno(linkat(AT_FDCWD, argv[0], AT_FDCWD, argv[1], AT_SYMLINK_FOLLOW));
}

static int do_truncate(int argc, char **argv)
{
	(void)argc;
	return act_errno(truncate(argv[0], 1));
}

static int do_chmod(int argc, char **argv)
{
	(void)argc;
	return act_errno(chmod(argv[0], (mode_t)strtoul(argv[1], NULL, 8)));
}

static int do_chown(int argc, char **argv)
{
	(void)argc;
	return act_errno(chown(argv[0], (uid_t)atoi(argv[1]), (gid_t)-1));
}

static int do_utimes(int argc, char **argv)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };

	(void)argc;
	return act_errno(utimensat(AT_FDCWD, argv[0], times, 0));
}

static int do_touch(int argc, char **argv)
{
	(void)argc;
	return act_errno(utimensat(AT_FDCWD, argv[0], NULL, 0));
}

static int do_setxattr(int argc, char **argv)
{
	(void)argc;
	return act_errno(setxattr(argv[0], argv[1], "v", 1, 0));
}

static int do_rmxattr(int argc, char **argv)
{
	(void)argc;
	return act_errno(removexattr(argv[0], argv[1]));
}

static int do_getflags(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	int flags, code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	(void)close(fd);
	return code;
}

static int do_setflags(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	int flags = 0, code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	flags ^= FS_NODUMP_FL;
	if (!code)
		code = act_errno(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	(void)close(fd);
	return code;
}

/* u::rw-,u:1:r--,g::r--,m::r--,o::--- as the kernel takes it. */
static int do_setacl(int argc, char **argv)
{
	static const struct {
		__u32 version;
		struct {
			__u16 tag;
			__u16 perm;
			__u32 id;
		} entries[5];
	} acl = { 2,
		  { { 1, 6, -1u }, { 2, 4, 1 }, { 4, 4, -1u }, { 16, 4, -1u }, { 32, 0, -1u } } };

	(void)argc;
	return act_errno(setxattr(argv[0], "system.posix_acl_access", &acl, sizeof(acl), 0));
}

static int do_stat(int argc, char **argv)
{
	struct stat st;

	(void)argc;
	return act_errno(stat(argv[0], &st));
}

static int do_readlink(int argc, char **argv)
{
	char target[256];

	(void)argc;
	return act_errno(readlink(argv[0], target, sizeof(target)));
}

static int do_access(int argc, char **argv)
{
	(void)argc;
	return act_errno(access(argv[0], F_OK));
}

const struct act file_acts[] = {
	{ "open", 2, do_open },
	{ "openat2", 2, do_openat2 },
	{ "uring-open", 2, do_uring_open },
	{ "uring-worker", 2, do_uring_worker },
	{ "proc", 3, do_proc },
	{ "handle-open", 3, do_handle_open },
	{ "handle-get", 1, do_handle_get },
	{ "handle-use", 2, do_handle_use },
	{ "creat", 1, do_creat },
	{ "read", 1, do_read },
	{ "write", 1, do_write },
	{ "list", 1, do_list },
	{ "cd", 1, do_cd },
	{ "mkdir", 1, do_mkdir },
	{ "rmdir", 1, do_rmdir },
	{ "unlink", 1, do_unlink },
	{ "symlink", 2, do_symlink },
	{ "mkfifo", 1, do_mkfifo },
	{ "mksock", 1, do_mksock },
	{ "mkreg", 1, do_mkreg },
	{ "mkchr", 3, do_mkchr },
	{ "mkblk", 3, do_mkblk },
	{ "rename", 2, do_rename },
	{ "rename-new", 2, do_rename_new },
	{ "exchange", 2, do_exchange },
	{ "rename-whiteout", 2, do_rename_whiteout },
	{ "link", 2, do_link },
	{ "link-follow", 2, do_link_follow },
	{ "truncate", 1, do_truncate },
	{ "chmod", 2, do_chmod },
	{ "chown", 2, do_chown },
	{ "utimes", 1, do_utimes },
	{ "touch", 1, do_touch },
	{ "setxattr", 2, do_setxattr },
	{ "rmxattr", 2, do_rmxattr },
	{ "getflags", 1, do_getflags },
	{ "setflags", 1, do_setflags },
	{ "setacl", 1, do_setacl },
	{ "stat", 1, do_stat },
	{ "readlink", 1, do_readlink },
	{ "access", 1, do_access },
	{ NULL, 0, NULL },
};

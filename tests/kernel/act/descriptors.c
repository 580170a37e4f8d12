// SPDX-License-Identifier: GPL-2.0-only
/* Acts on descriptors, which `hold` and others leave open for the acts that follow. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "act.h"

static int number(const char *word)
{
	return atoi(word);
}

/* Moves a fresh descriptor to the number that the acts use. */
static int keep(int fd, const char *word)
{
	int code;

	if (fd < 0)
		return errno;
	code = act_errno(dup2(fd, number(word)));
	if (fd != number(word))
		(void)close(fd);
	return code;
}

static int do_hold(int argc, char **argv)
{
	(void)argc;
	return keep(open(argv[2], act_open_flags(argv[1]) & ~O_CLOEXEC, 0644), argv[0]);
}

static int do_memfd(int argc, char **argv)
{
	(void)argc;
	return keep(memfd_create("act", 0), argv[0]);
}

static int do_pipe(int argc, char **argv)
{
	int fds[2];
	int code = act_errno(pipe(fds));

	(void)argc;
	if (!code)
		code = act_errno(dup2(fds[0], number(argv[0])));
	if (!code)
		code = act_errno(dup2(fds[1], number(argv[0]) + 1));
	return code;
}

static int do_close(int argc, char **argv)
{
	(void)argc;
	return act_errno(close(number(argv[0])));
}

static int do_read(int argc, char **argv)
{
	char byte;

	(void)argc;
	return act_errno(read(number(argv[0]), &byte, 1));
}

static int do_write(int argc, char **argv)
{
	(void)argc;
	return act_errno(write(number(argv[0]), "x", 1));
}

static int do_list(int argc, char **argv)
{
	char room[1024];

	(void)argc;
	return act_errno(syscall(SYS_getdents64, number(argv[0]), room, sizeof(room)));
}

static int do_truncate(int argc, char **argv)
{
	(void)argc;
	return act_errno(ftruncate(number(argv[0]), 1));
}

static int do_chmod(int argc, char **argv)
{
	(void)argc;
	return act_errno(fchmod(number(argv[0]), 0600));
}

static int do_chown(int argc, char **argv)
{
	(void)argc;
	return act_errno(fchown(number(argv[0]), 1, 1));
}

static int do_utimes(int argc, char **argv)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };

	(void)argc;
	return act_errno(futimens(number(argv[0]), times));
}

static int do_setxattr(int argc, char **argv)
{
	(void)argc;
	return act_errno(fsetxattr(number(argv[0]), argv[1], "v", 1, 0));
}

static int do_rmxattr(int argc, char **argv)
{
	(void)argc;
	return act_errno(fremovexattr(number(argv[0]), argv[1]));
}

static int do_setflags(int argc, char **argv)
{
	int fd = number(argv[0]);
	int flags = 0;
	int code = act_errno(ioctl(fd, FS_IOC_GETFLAGS, &flags));

	(void)argc;
	flags ^= FS_NODUMP_FL;
	return code ? code : act_errno(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int do_link(int argc, char **argv)
{
	(void)argc;
	return act_errno(linkat(number(argv[0]), "", AT_FDCWD, argv[1], AT_EMPTY_PATH));
}

static int do_exec(int argc, char **argv)
{
	char *const args[] = { "act", NULL };
	char *const env[] = { NULL };
	pid_t pid = fork();

	(void)argc;
	if (!pid) {
		(void)execveat(number(argv[0]), "", args, env, AT_EMPTY_PATH);
		_exit(errno);
	}
	return act_wait(pid) - ACT_EXIT;
}

static int do_map(int argc, char **argv)
{
	int prot = 0;

	(void)argc;
	for (const char *c = argv[1]; *c; c++)
		prot |= *c == 'r' ? PROT_READ : *c == 'w' ? PROT_WRITE : PROT_EXEC;
	return mmap(NULL, 4096, prot, MAP_PRIVATE, number(argv[0]), 0) == MAP_FAILED ? errno : 0;
}

/* Fills the descriptor with a copy of a file, such as a program. */
static int do_copy(int argc, char **argv)
{
	int from = open(argv[1], O_RDONLY | O_CLOEXEC);
	char room[65536];
	ssize_t n;

	(void)argc;
	if (from < 0)
		return errno;
	while ((n = read(from, room, sizeof(room))) > 0) {
		if (write(number(argv[0]), room, (size_t)n) != n)
			return EIO;
	}
	(void)close(from);
	return act_errno(n);
}

const struct act fd_acts[] = {
	{ "hold", 3, do_hold },
	{ "memfd", 1, do_memfd },
	{ "pipe", 1, do_pipe },
	{ "close", 1, do_close },
	{ "fd-read", 1, do_read },
	{ "fd-write", 1, do_write },
	{ "fd-list", 1, do_list },
	{ "fd-truncate", 1, do_truncate },
	{ "fd-chmod", 1, do_chmod },
	{ "fd-chown", 1, do_chown },
	{ "fd-utimes", 1, do_utimes },
	{ "fd-setxattr", 2, do_setxattr },
	{ "fd-rmxattr", 2, do_rmxattr },
	{ "fd-setflags", 1, do_setflags },
	{ "fd-link", 2, do_link },
	{ "fd-exec", 1, do_exec },
	{ "fd-map", 2, do_map },
	{ "fd-copy", 2, do_copy },
	{ NULL, 0, NULL },
};

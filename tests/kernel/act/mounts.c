// SPDX-License-Identifier: GPL-2.0-only
/* Acts on mounts, roots and namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act.h"

/* sys/mount.h and linux/mount.h do not go together with every libc. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);

static int do_mount(int argc, char **argv)
{
	(void)argc;
	return act_errno(mount(argv[0], argv[1], argv[2], 0, NULL));
}

static int do_bind_mount(int argc, char **argv)
{
	(void)argc;
	return act_errno(mount(argv[0], argv[1], NULL, MS_BIND, NULL));
}

static int do_remount(int argc, char **argv)
{
	(void)argc;
	return act_errno(mount(NULL, argv[0], NULL, MS_REMOUNT | MS_BIND | MS_NOATIME, NULL));
}

static int do_propagate(int argc, char **argv)
{
	(void)argc;
	return act_errno(mount(NULL, argv[0], NULL, MS_PRIVATE, NULL));
}

static int do_umount(int argc, char **argv)
{
	(void)argc;
	return act_errno(umount2(argv[0], 0));
}

static int do_move_mount(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(SYS_move_mount, AT_FDCWD, argv[0], AT_FDCWD, argv[1], 0));
}

static int do_open_tree(int argc, char **argv)
{
	(void)argc;
	return act_close(
		syscall(SYS_open_tree, AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

static int do_hold_tree(int argc, char **argv)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(dup2(fd, atoi(argv[0])));
	(void)close(fd);
	return code;
}

static int do_fsopen(int argc, char **argv)
{
	(void)argc;
	return act_close(syscall(SYS_fsopen, argv[0], FSOPEN_CLOEXEC));
}

static int do_fsmount(int argc, char **argv)
{
	int fs = (int)syscall(SYS_fsopen, argv[0], FSOPEN_CLOEXEC);
	int fd;

	(void)argc;
	if (fs < 0)
		return errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	return act_errno(
		syscall(SYS_move_mount, fd, "", AT_FDCWD, argv[1], MOVE_MOUNT_F_EMPTY_PATH));
}

static int do_mount_setattr(int argc, char **argv)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	(void)argc;
	return act_errno(syscall(SYS_mount_setattr, AT_FDCWD, argv[0], 0, &attr, sizeof(attr)));
}

static int do_fspick(int argc, char **argv)
{
	(void)argc;
	return act_close(syscall(SYS_fspick, AT_FDCWD, argv[0], FSPICK_CLOEXEC));
}

static int do_pivot_root(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(SYS_pivot_root, argv[0], argv[1]));
}

static int do_chroot(int argc, char **argv)
{
	(void)argc;
	return act_errno(chroot(argv[0]));
}

static unsigned long namespace_flag(const char *word)
{
	static const struct {
		const char *word;
		unsigned long flag;
	} known[] = {
		{ "mnt", CLONE_NEWNS },	       { "uts", CLONE_NEWUTS },
		{ "ipc", CLONE_NEWIPC },       { "pid", CLONE_NEWPID },
		{ "net", CLONE_NEWNET },       { "user", CLONE_NEWUSER },
		{ "cgroup", CLONE_NEWCGROUP }, { "time", 0x80 /* CLONE_NEWTIME */ },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(word, known[i].word))
			return known[i].flag;
	}
	return 0;
}

static int do_unshare(int argc, char **argv)
{
	(void)argc;
	return act_errno(unshare((int)namespace_flag(argv[0])));
}

static int do_setns(int argc, char **argv)
{
	char path[64];
	int fd, code;

	(void)argc;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", act_pid(argv[0]), argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	code = act_errno(setns(fd, (int)namespace_flag(argv[1])));
	(void)close(fd);
	return code;
}

static int do_clone(int argc, char **argv)
{
	pid_t pid = (pid_t)syscall(SYS_clone, namespace_flag(argv[0]) | SIGCHLD, NULL, NULL, NULL,
				   NULL);

	(void)argc;
	if (!pid)
		_exit(0);
	return act_wait(pid) % ACT_EXIT;
}

static int do_clone3(int argc, char **argv)
{
	struct clone_args args = { .flags = namespace_flag(argv[0]), .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	(void)argc;
	if (!pid)
		_exit(0);
	return act_wait(pid) % ACT_EXIT;
}

const struct act mount_acts[] = {
	{ "mount", 3, do_mount },
	{ "bind-mount", 2, do_bind_mount },
	{ "remount", 1, do_remount },
	{ "propagate", 1, do_propagate },
	{ "umount", 1, do_umount },
	{ "move-mount", 2, do_move_mount },
	{ "open-tree", 1, do_open_tree },
	{ "hold-tree", 2, do_hold_tree },
	{ "fsopen", 1, do_fsopen },
	{ "fsmount", 2, do_fsmount },
	{ "mount-setattr", 1, do_mount_setattr },
	{ "fspick", 1, do_fspick },
	{ "pivot-root", 2, do_pivot_root },
	{ "chroot", 1, do_chroot },
	{ "unshare", 1, do_unshare },
	{ "setns", 2, do_setns },
	{ "clone", 1, do_clone },
	{ "clone3", 1, do_clone3 },
	{ NULL, 0, NULL },
};

// SPDX-License-Identifier: GPL-2.0-only
/* Acts on objects of the kernel that have a number instead of a path. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act.h"

static int attach(int id)
{
	const void *at = shmat(id, NULL, 0);

	return (intptr_t)at == -1 ? errno : act_errno(shmdt(at));
}

static int receive(int id)
{
	struct {
		long type;
		char text[8];
	} message;
	int code = act_errno(msgrcv(id, &message, sizeof(message.text), 0, IPC_NOWAIT));

	return code == ENOMSG ? 0 : code;
}

static int do_shm(int argc, char **argv)
{
	(void)argc;
	return attach(atoi(argv[0]));
}

/* Whether any of the segments that there are can be attached. */
static int do_shm_any(int argc, char **argv)
{
	FILE *list = fopen("/proc/sysvipc/shm", "re");
	int id, code = ENOENT;

	(void)argc;
	(void)argv;
	if (!list)
		return errno;
	if (fscanf(list, "%*[^\n]")) /* the heading */
		code = EPROTO;
	while (code && fscanf(list, "%*d %d %*[^\n]", &id) == 1)
		code = attach(id);
	(void)fclose(list);
	return code;
}

static int do_sem(int argc, char **argv)
{
	(void)argc;
	return act_errno(semctl(atoi(argv[0]), 0, GETVAL));
}

static int do_msg(int argc, char **argv)
{
	(void)argc;
	return receive(atoi(argv[0]));
}

static int do_shm_rm(int argc, char **argv)
{
	(void)argc;
	return act_errno(shmctl(atoi(argv[0]), IPC_RMID, NULL));
}

/* One of each of its own: made, used by it and by a child, removed. */
static int do_ipc_own(int argc, char **argv)
{
	int shm = shmget(IPC_PRIVATE, 4096, 0600);
	int sem = semget(IPC_PRIVATE, 1, 0600);
	int msg = msgget(IPC_PRIVATE, 0600);
	int code = shm < 0 || sem < 0 || msg < 0 ? errno : attach(shm);
	pid_t pid;

	(void)argc;
	(void)argv;
	if (!code)
		code = act_errno(semctl(sem, 0, GETVAL));
	if (!code)
		code = receive(msg);
	pid = fork();
	if (!pid)
		_exit(attach(shm));
	if (!code)
		code = act_wait(pid) % ACT_EXIT;
	if (shmctl(shm, IPC_RMID, NULL) || semctl(sem, 0, IPC_RMID) || msgctl(msg, IPC_RMID, NULL))
		return errno;
	return code;
}

static int do_mq_open(int argc, char **argv)
{
	(void)argc;
	return act_close(mq_open(argv[0], O_RDWR | O_NONBLOCK));
}

static int do_mq_new(int argc, char **argv)
{
	(void)argc;
	return act_close(mq_open(argv[0], O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
}

static int do_mq_unlink(int argc, char **argv)
{
	(void)argc;
	return act_errno(mq_unlink(argv[0]));
}

static int do_add_key(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(
		syscall(SYS_add_key, "user", "sbx-test", "x", 1UL, KEY_SPEC_PROCESS_KEYRING));
}

static int do_join_session(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

static int do_key_read(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(SYS_keyctl, KEYCTL_READ, atoi(argv[0]), NULL, 0UL));
}

static int do_userfaultfd(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_close(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

const struct act ipc_acts[] = {
	{ "shm", 1, do_shm },
	{ "sem", 1, do_sem },
	{ "msg", 1, do_msg },
	{ "shm-any", 0, do_shm_any },
	{ "shm-rm", 1, do_shm_rm },
	{ "ipc-own", 0, do_ipc_own },
	{ "mq-open", 1, do_mq_open },
	{ "mq-new", 1, do_mq_new },
	{ "mq-unlink", 1, do_mq_unlink },
	{ "add-key", 0, do_add_key },
	{ "join-session", 0, do_join_session },
	{ "key-read", 1, do_key_read },
	{ "userfaultfd", 0, do_userfaultfd },
	{ NULL, 0, NULL },
};

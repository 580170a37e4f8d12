// SPDX-License-Identifier: GPL-2.0-only
/* Acts that execute, map for execution, or do another act as another task. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"

/* Exit statuses that a child uses for what is no errno. */
#define CHILD_ERRNO_MAX 160

/* The child's code as its exit status; the parent makes it a code again. */
static void child_end(int code)
{
	if (code >= ACT_SIGNAL && code < ACT_SILENT)
		(void)kill(getpid(), code - ACT_SIGNAL);
	_exit(code >= ACT_EXIT ? CHILD_ERRNO_MAX + (code - ACT_EXIT) % 90 : code);
}

static int child_code(pid_t pid)
{
	int code = act_wait(pid);

	if (code < ACT_EXIT || code >= ACT_SIGNAL)
		return code;
	code -= ACT_EXIT;
	return code >= CHILD_ERRNO_MAX ? ACT_EXIT + code - CHILD_ERRNO_MAX : code;
}

/*
 * Executes in a child that tells by a pipe, closed when the exec worked, why it did not: so an
 * errno and an exit status are never mixed up.
 */
static int exec_in_child(int dir, char **argv)
{
	char *const env[] = { NULL };
	int fds[2], code = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid) {
		(void)execveat(dir, argv[0], argv, env, 0);
		code = errno;
		if (write(fds[1], &code, sizeof(code)) != sizeof(code))
			_exit(125);
		_exit(0);
	}
	(void)close(fds[1]);
	if (read(fds[0], &code, sizeof(code)) < 0)
		code = EPROTO;
	(void)close(fds[0]);
	if (code) {
		(void)act_wait(pid);
		return code;
	}
	code = act_wait(pid);
	return code == ACT_EXIT ? 0 : code;
}

static int do_exec(int argc, char **argv)
{
	(void)argc;
	return exec_in_child(AT_FDCWD, argv);
}

static int do_execat(int argc, char **argv)
{
	int dir = open(argv[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
	int code;

	(void)argc;
	if (dir < 0)
		return errno;
	code = exec_in_child(dir, argv + 1);
	(void)close(dir);
	return code;
}

static int protection(const char *letters)
{
	int prot = 0;

	for (; *letters; letters++)
		prot |= *letters == 'r' ? PROT_READ : *letters == 'w' ? PROT_WRITE : PROT_EXEC;
	return prot;
}

static int map_file(const char *path, int prot, void **ret_at)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int code = 0;

	if (fd < 0)
		return errno == EACCES ? EPROTO : errno; /* EACCES is for the mapping itself */
	*ret_at = mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 0);
	if (*ret_at == MAP_FAILED)
		code = errno;
	(void)close(fd);
	return code;
}

static int do_map(int argc, char **argv)
{
	void *at;

	(void)argc;
	return map_file(argv[0], protection(argv[1]), &at);
}

static int do_protect(int argc, char **argv)
{
	void *at;
	int code = map_file(argv[0], PROT_READ, &at);

	(void)argc;
	return code ? code : act_errno(mprotect(at, 4096, protection(argv[1])));
}

/* Reading implies executing under this personality, which only a child takes on. */
static int do_map_implied(int argc, char **argv)
{
	pid_t pid = fork();
	void *at;

	(void)argc;
	if (!pid) {
		(void)personality(READ_IMPLIES_EXEC);
		child_end(map_file(argv[0], PROT_READ, &at));
	}
	return child_code(pid);
}

/* Shared anonymous memory is a file to the kernel. */
static int do_protect_shared(int argc, char **argv)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)argc;
	return at == MAP_FAILED ? errno : act_errno(mprotect(at, 4096, protection(argv[0])));
}

static int do_map_shared(int argc, char **argv)
{
	void *at = mmap(NULL, 4096, protection(argv[0]), MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)argc;
	return at == MAP_FAILED ? errno : 0;
}

static int do_shm_exec(int argc, char **argv)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
	int code;
	void *at;

	(void)argc;
	(void)argv;
	if (id < 0)
		return errno;
	at = shmat(id, NULL, SHM_EXEC);
	code = at == (void *)-1 ? errno : 0; /* NOLINT(performance-no-int-to-ptr): shmat's own */
	(void)shmctl(id, IPC_RMID, NULL);
	return code;
}

static int do_protect_anon(int argc, char **argv)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argc;
	return at == MAP_FAILED ? errno : act_errno(mprotect(at, 4096, protection(argv[0])));
}

static int do_map_anon(int argc, char **argv)
{
	void *at = mmap(NULL, 4096, protection(argv[0]), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argc;
	return at == MAP_FAILED ? errno : 0;
}

/* A private page of a file, written to before it becomes executable. */
static int do_protect_changed(int argc, char **argv)
{
	void *at;
	int code = map_file(argv[0], PROT_READ | PROT_WRITE, &at);

	(void)argc;
	if (code)
		return code;
	*(volatile char *)at = 'x';
	return act_errno(mprotect(at, 4096, protection(argv[1])));
}

/* Executable first, and writable besides from then on. */
static int do_protect_code(int argc, char **argv)
{
	void *at;
	int code = map_file(argv[0], PROT_READ | PROT_EXEC, &at);

	(void)argc;
	return code ? EPROTO : act_errno(mprotect(at, 4096, protection(argv[1])));
}

static int do_protect_stack(int argc, char **argv)
{
	uintptr_t here = (uintptr_t)&argc & ~(uintptr_t)4095;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the page of a local */
	return act_errno(mprotect((void *)here, 4096, PROT_GROWSDOWN | protection(argv[0])));
}

/* A heap that grows under READ_IMPLIES_EXEC is executable; nobody is asked. */
static int do_brk_implied(int argc, char **argv)
{
	pid_t pid = fork();

	(void)argc;
	(void)argv;
	if (!pid) {
		(void)personality(READ_IMPLIES_EXEC);
		child_end(sbrk(65536) == (void *)-1 ? errno : 0); /* NOLINT: sbrk's own error */
	}
	return child_code(pid);
}

static int do_fork(int argc, char **argv)
{
	pid_t pid = fork();

	if (!pid)
		child_end(act_run(argc, argv));
	return child_code(pid);
}

/* A session of its own and no parent any more; the result comes through shared memory. */
static int do_double_fork(int argc, char **argv)
{
	volatile int *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if ((void *)(uintptr_t)code == MAP_FAILED)
		return errno;
	*code = -1;
	pid = fork();
	if (!pid) {
		pid_t middle = getpid();

		(void)setsid();
		pid = fork();
		if (pid)
			_exit(pid < 0 ? errno : 0);
		while (getppid() == middle)
			(void)usleep(1000);
		*code = act_run(argc, argv);
		_exit(0);
	}
	if (child_code(pid))
		return EPROTO;
	for (int i = 0; i < 10000 && *code < 0; i++)
		(void)usleep(1000);
	return *code < 0 ? ETIMEDOUT : *code;
}

struct thread {
	int argc;
	char **argv;
	int code;
};

static void *thread_run(void *data)
{
	struct thread *thread = data;

	thread->code = act_run(thread->argc, thread->argv);
	return NULL;
}

static int do_thread(int argc, char **argv)
{
	struct thread thread = { .argc = argc, .argv = argv };
	pthread_t id;
	int code = pthread_create(&id, NULL, thread_run, &thread);

	if (code)
		return code;
	code = pthread_join(id, NULL);
	return code ? code : thread.code;
}

static int do_chrooted(int argc, char **argv)
{
	pid_t pid = fork();

	if (!pid) {
		if (chroot(argv[0]) || chdir("/"))
			_exit(errno == EACCES ? EPROTO : errno);
		child_end(act_run(argc - 1, argv + 1));
	}
	return child_code(pid);
}

static int do_times(int argc, char **argv)
{
	int code = 0;

	for (long i = atol(argv[0]); i > 0 && !code; i--)
		code = act_run(argc - 1, argv + 1);
	return code;
}

static int do_denied(int argc, char **argv)
{
	int code = act_run(argc, argv);

	return code == EACCES || code == EPERM ? 0 : code ? code : EEXIST;
}

static int do_in_cgroup(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int dir = open(argv[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	if (dir < 0)
		return errno;
	args.cgroup = (__u64)dir;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		child_end(act_run(argc - 1, argv + 1));
	(void)close(dir);
	return child_code(pid);
}

const struct act exec_acts[] = {
	{ "exec", -1, do_exec },
	{ "execat", -2, do_execat },
	{ "map", 2, do_map },
	{ "protect", 2, do_protect },
	{ "protect-anon", 1, do_protect_anon },
	{ "map-anon", 1, do_map_anon },
	{ "protect-changed", 2, do_protect_changed },
	{ "protect-code", 2, do_protect_code },
	{ "protect-stack", 1, do_protect_stack },
	{ "brk-implied", 0, do_brk_implied },
	{ "protect-shared", 1, do_protect_shared },
	{ "map-shared", 1, do_map_shared },
	{ "map-implied", 1, do_map_implied },
	{ "shm-exec", 0, do_shm_exec },
	{ "fork", -1, do_fork },
	{ "double-fork", -1, do_double_fork },
	{ "thread", -1, do_thread },
	{ "chrooted", -2, do_chrooted },
	{ "times", -2, do_times },
	{ "denied", -1, do_denied },
	{ "in-cgroup", -2, do_in_cgroup },
	{ NULL, 0, NULL },
};

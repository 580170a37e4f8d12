// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the clone to the exec.  The child is born in the job's cgroup, so that cgroup.kill reaches
 * it from the first moment, but nothing is judged until it joins.  That is its last act before
 * execve, so the exec is judged, and nothing before it is.  (A write to cgroup.procs would jail it,
 * too, after waiting for a grace period of the kernel, 10 ms on an idle 6.1.)
 * A close-on-exec pipe carries {stage, errno}: silence means that the exec worked.
 *
 * Job control: when stdin is a terminal the child stays in the launcher's process group, so
 * that ^C, ^Z, fg and interactive shells work as without sbx-bpf (the terminal signals the
 * group; the launcher does not repeat such signals).  Otherwise it gets a session of its own,
 * without a terminal to inject into.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct child {
	const struct sbx_launch *launch;
	int status_fd;
	struct sbx_stage_report report;
};

static const struct {
	const char *name;
	const char *cure;
} stages[SBX_STAGE_MAX_] = {
	[SBX_STAGE_UTS] = { "setting the host name", "" },
	[SBX_STAGE_NET] = { "starting the loopback interface", "" },
	[SBX_STAGE_TIME] = { "making a time namespace", "the kernel needs CONFIG_TIME_NS" },
	[SBX_STAGE_MOUNTS] = { "mounting", "what filesystem.private and root name must be there; "
					   "it is mounted in the job's own namespace only" },
	[SBX_STAGE_USERNS] = { "making a user namespace",
			       "see user.max_user_namespaces, and whether process.id_map is "
			       "right" },
	[SBX_STAGE_NAMESPACES] = { "entering the job's namespaces", "" },
	[SBX_STAGE_TERMINAL] = { "opening the job's terminal", "" },
	[SBX_STAGE_SESSION] = { "starting a session", "" },
	[SBX_STAGE_RLIMIT] = { "setting a limit", "sbx-bpf must be root to raise a limit" },
	[SBX_STAGE_IDENTITY] = { "changing user, groups and capabilities",
				 "sbx-bpf must be root and have the capabilities that the job "
				 "keeps" },
	[SBX_STAGE_WORKDIR] = { "changing to the working directory",
				"set process.workdir to one that the job's user may enter" },
	[SBX_STAGE_PRIVS] = { "giving up new privileges", "" },
	[SBX_STAGE_DESCRIPTORS] = { "closing descriptors", "" },
	[SBX_STAGE_FIND] = { "finding the command", "" },
	[SBX_STAGE_LANDLOCK] = { "restricting files by Landlock",
				 "set process.no_new_privs to true" },
	[SBX_STAGE_SECCOMP] = { "installing the filter of system calls",
				"set process.no_new_privs to true, or process.seccomp to none" },
	[SBX_STAGE_JOIN] = { "joining the job's cgroup", "" },
	[SBX_STAGE_EXEC] = { "executing the command", "" },
};

const char *sbx_stage_name(unsigned int stage)
{
	return stage < SBX_STAGE_MAX_ && stages[stage].name ? stages[stage].name
							    : "an unknown step";
}

const char *sbx_stage_cure(unsigned int stage)
{
	return stage < SBX_STAGE_MAX_ && stages[stage].cure ? stages[stage].cure : "";
}

/* What a failure of the present stage is about, if not the program. */
static void set_object(struct child *child, const char *object)
{
	(void)snprintf(child->report.program, sizeof(child->report.program), "%s", object);
}

/* Whatever the launcher's caller ignored or blocked is no business of the command's. */
static int reset_signals(void)
{
	/* The kernel's own structure, zeros being SIG_DFL: libc refuses the two signals it keeps,
	 * and posix_spawn of glibc 2.36 leaves them ignored in what, say, make starts. */
	static const unsigned long plain[8];
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, plain, NULL, 8); /* refuses KILL and STOP */
	(void)sigemptyset(&none);				      /* cannot fail */
	return sigprocmask(SIG_SETMASK, &none, NULL) ? errno : 0;
}

static int start_session(struct child *child)
{
	if (child->launch->new_session && setsid() < 0)
		return errno;
	return reset_signals();
}

static int enter_namespaces(struct child *child)
{
	return sbx_namespaces_enter(child->launch->keeper, child->launch->namespaces);
}

static int open_terminal(struct child *child)
{
	const char *path = child->launch->terminal;
	int r = path ? sbx_pty_enter(path, child->launch->uid) : 0;

	if (r)
		set_object(child, path);
	return r;
}

static int set_rlimits(struct child *child)
{
	enum sbx_limit limit = 0;
	int r = sbx_rlimits_apply(child->launch->limits, &limit);

	if (r)
		set_object(child, sbx_limit_name(limit));
	if (!r && !child->launch->keep_priority)
		r = sbx_rlimits_drop_priority();
	return r;
}

static int become_user(struct child *child)
{
	const struct sbx_launch *launch = child->launch;

	int r = sbx_userns_enter(launch->keeper, launch->namespaces);

	return r ? r : sbx_identity_apply(launch->identity, launch->process);
}

static int enter_workdir(struct child *child)
{
	const struct sbx_launch *launch = child->launch;
	const struct sbx_process *process = launch->process;

	if (process->umask != SBX_UNSET)
		(void)umask((mode_t)process->umask); /* cannot fail */
	if (!launch->workdir || !chdir(launch->workdir))
		return 0;
	set_object(child, launch->workdir);
	return errno;
}

static int drop_privs(struct child *child)
{
	return child->launch->process->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		       ? errno
		       : 0;
}

/* The lowest descriptor above `fd` that must stay open, or -1. */
static int next_kept(const struct child *child, int fd)
{
	const struct sbx_launch *launch = child->launch;
	const int own[] = { child->status_fd, launch->join_fd };
	int next = -1;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(own); i++) {
		if (own[i] > fd && (next < 0 || own[i] < next))
			next = own[i];
	}
	for (size_t i = 0; i < launch->process->n_keep_fds; i++) {
		int kept = launch->process->keep_fds[i];

		if (kept > fd && (next < 0 || kept < next))
			next = kept;
	}
	return next;
}

static int close_others(struct child *child)
{
	int fd = 2;

	for (;;) {
		int next = next_kept(child, fd);
		unsigned int last = next < 0 ? UINT_MAX : (unsigned int)next - 1;

		if ((unsigned int)fd + 1 <= last &&
		    syscall(SYS_close_range, (unsigned int)fd + 1, last, 0))
			return errno;
		if (next < 0)
			return 0;
		fd = next;
	}
}

/* A file that exec would take: regular and executable.  0 or errno. */
static int try_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) ? errno : 0;
}

/* Searches PATH as execvp does: the first executable; EACCES if there were only others. */
static int find_program(struct child *child)
{
	const char *name = child->launch->argv[0];
	const char *path = sbx_env_get(child->launch->env, "PATH");
	char *out = child->report.program;
	size_t size = sizeof(child->report.program);
	int worst = ENOENT;

	if (strlen(name) >= size)
		return ENAMETOOLONG;
	memcpy(out, name, strlen(name) + 1); /* what the report names if nothing is found */
	if (strchr(name, '/')) {
		struct stat st;

		return stat(name, &st) ? errno : 0;
	}
	if (!*name)
		return ENOENT;
	for (path = path ? path : DEFAULT_PATH;; path++) {
		int len = (int)strcspn(path, ":");
		int n = snprintf(out, size, "%.*s%s%s", len, path, len ? "/" : "", name);
		int r = n > 0 && (size_t)n < size ? try_program(out) : ENAMETOOLONG;

		if (!r)
			return 0;
		if (r == EACCES)
			worst = EACCES;
		path += len;
		if (!*path)
			break;
	}
	memcpy(out, name, strlen(name) + 1);
	return worst;
}

/* Returns only when it failed, with the errno; a text without "#!" goes to the shell, as always. */
static int execute(struct child *child)
{
	const struct sbx_launch *launch = child->launch;
	const char *program = child->report.program;
	size_t n = 0;

	(void)execve(program, launch->argv, launch->env); /* only returns on failure */
	if (errno != ENOEXEC)
		return errno;
	while (launch->argv[n])
		n++;

	const char *shell_argv[n + 2];

	shell_argv[0] = "sh";
	shell_argv[1] = program;
	for (size_t i = 1; i <= n; i++) /* the NULL, too */
		shell_argv[i + 1] = launch->argv[i];
	(void)execve("/bin/sh", (char *const *)(uintptr_t)shell_argv, launch->env);
	return errno;
}

/* Both need no_new_privs or CAP_SYS_ADMIN. */
static int restrict_files(struct child *child)
{
	return child->launch->landlock ? sbx_landlock_restrict(child->launch->landlock) : 0;
}

/* What follows makes none but calls that no filter refuses. */
static int filter_calls(struct child *child)
{
	return sbx_filter_install(child->launch->filter);
}

static int join_cgroup(struct child *child)
{
	int fd = child->launch->join_fd;

	return fd < 0 ? 0 : -sbx_engine_join(fd); /* in a job it is there already */
}

/* What a child does, in this order; each returns 0 or an errno, the last only the latter. */
static const struct {
	enum sbx_stage stage;
	int (*run)(struct child *child);
} steps[] = {
	{ SBX_STAGE_SESSION, start_session },  { SBX_STAGE_NAMESPACES, enter_namespaces },
	{ SBX_STAGE_TERMINAL, open_terminal }, { SBX_STAGE_RLIMIT, set_rlimits },
	{ SBX_STAGE_IDENTITY, become_user },   { SBX_STAGE_WORKDIR, enter_workdir },
	{ SBX_STAGE_PRIVS, drop_privs },       { SBX_STAGE_DESCRIPTORS, close_others },
	{ SBX_STAGE_FIND, find_program },      { SBX_STAGE_LANDLOCK, restrict_files },
	{ SBX_STAGE_SECCOMP, filter_calls },   { SBX_STAGE_JOIN, join_cgroup },
	{ SBX_STAGE_EXEC, execute },
};

static __attribute__((noreturn)) void run_child(struct child *child)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(steps) && !child->report.error; i++) {
		child->report.stage = steps[i].stage;
		child->report.error = steps[i].run(child);
	}
	/* If this fails, the exit status still says that something did. */
	(void)!write(child->status_fd, &child->report, sizeof(child->report));
	_exit(SBX_EXIT_FAILURE);
}

/* fork() into the job's cgroup, with a pidfd: the number cannot be reused between the two. */
static pid_t clone_into(int cgroup_fd, int *ret_pid_fd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_INTO_CGROUP,
		.pidfd = (__u64)(uintptr_t)ret_pid_fd,
		.exit_signal = SIGCHLD,
		.cgroup = (__u64)cgroup_fd,
	};

	if (cgroup_fd < 0) { /* in a job, whose filter may not have clone3 */
		pid_t pid = fork();

		if (pid > 0) /* our child, not reaped */
			*ret_pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
		return pid;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int sbx_launch_start(const struct sbx_launch *launch, struct sbx_child *ret_child,
		     struct sbx_error *err)
{
	struct child child = { .launch = launch };
	int fds[2] = { -1, -1 };
	int own_fd = -1;
	int pid_fd = -1;
	pid_t pid;
	int r;

	if (pipe2(fds, O_CLOEXEC))
		return sbx_fail(err, errno, NULL, "cannot make a pipe: %s", sbx_errno_name(errno));
	r = sbx_pidns_for_children(launch->keeper, launch->namespaces, &own_fd);
	pid = r ? -1 : clone_into(launch->cgroup_fd, &pid_fd);
	if (pid < 0) {
		r = sbx_fail(err, errno, NULL, "cannot make a process in the job's cgroup: %s",
			     sbx_errno_name(errno));
		(void)sbx_pidns_back(&own_fd); /* this launcher starts nothing any more */
		sbx_closep(&fds[0]);
		sbx_closep(&fds[1]);
		return r;
	}
	if (!pid) {
		child.status_fd = fds[1];
		run_child(&child);
	}
	if (sbx_pidns_back(&own_fd))
		sbx_log(SBX_LOG_WARN, "a watchdog that is killed cannot be replaced");
	sbx_closep(&fds[1]);
	ret_child->pid = pid;
	ret_child->pid_fd = pid_fd;
	ret_child->status_fd = fds[0];
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process that makes a job's namespaces and then only holds them; in a pid namespace it is
 * number 1, so the kernel gives it the job's orphans, and ends all that is left when it ends.
 *
 * It is a fork of the launcher, stays in the launcher's cgroup and is not jailed, so that it can
 * mount; it executes nothing, and listens to nobody: the command is the launcher's own child,
 * which is signalled and waited for without it.  It goes when the launcher kills it or is gone.
 * To the job it is a process outside (guards ptrace and signal_outside).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

struct making {
	const struct sbx_keep *what;
	struct sbx_stage_report report;
};

static int make_uts(struct making *m)
{
	const char *name = m->what->policy->process.hostname;

	return m->what->namespaces & SBX_NS_UTS && name && sethostname(name, strlen(name)) ? errno
											   : 0;
}

static int make_net(struct making *m)
{
	return m->what->namespaces & SBX_NS_NET ? sbx_loopback_up() : 0;
}

static int make_time(struct making *m)
{
	return m->what->namespaces & SBX_NS_TIME ? sbx_clocks_from_zero() : 0;
}

static int make_mounts(struct making *m)
{
	if (!(m->what->namespaces & SBX_NS_MOUNT))
		return 0;
	return sbx_mounts_make(m->what, m->report.program, sizeof(m->report.program));
}

/* The last: from here on it has no power over the host. The launcher writes the maps. */
static int make_user(struct making *m)
{
	return m->what->namespaces & SBX_NS_USER && unshare(CLONE_NEWUSER) ? errno : 0;
}

static const struct {
	enum sbx_stage stage;
	int (*run)(struct making *m);
} steps[] = {
	{ SBX_STAGE_UTS, make_uts },	 { SBX_STAGE_NET, make_net },
	{ SBX_STAGE_TIME, make_time },	 { SBX_STAGE_MOUNTS, make_mounts },
	{ SBX_STAGE_USERNS, make_user },
};

/* Nothing of the launcher's stays open but what is named: locks, logs and output are not for it. */
static void drop_descriptors(int status_fd, int launcher_fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && null_fd >= 0; fd++)
		(void)dup2(null_fd, fd); /* without a /dev/null it keeps what it has */
	for (int fd = 3; fd < 1024; fd++) {
		if (fd != status_fd && fd != launcher_fd)
			(void)close(fd); /* most are not open */
	}
	(void)syscall(SYS_close_range, 1024u, UINT_MAX, 0); /* status and launcher are below */
}

static void __attribute__((noreturn)) keep(struct making *m, int status_fd, int launcher_fd)
{
	static char title[] = "sbx-bpf-keep";
	struct pollfd item = { .fd = launcher_fd, .events = POLLIN };

	(void)setsid();			/* cannot fail: a new child leads no group */
	(void)signal(SIGCHLD, SIG_IGN); /* orphans of the job vanish when they end */
	sbx_process_rename(title, sizeof(title));
	drop_descriptors(status_fd, launcher_fd);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(steps) && !m->report.error; i++) {
		m->report.stage = steps[i].stage;
		m->report.error = steps[i].run(m);
	}
	if (!m->report.error)
		m->report.stage = SBX_STAGE_NONE_;
	(void)prctl(PR_SET_DUMPABLE, 0); /* the memory of the launcher is nothing for the job */
	if (write(status_fd, &m->report, sizeof(m->report)) != (ssize_t)sizeof(m->report) ||
	    m->report.error)
		_exit(SBX_EXIT_FAILURE);
	(void)close(status_fd); /* a pipe */
	while (poll(&item, 1, -1) <= 0)
		; /* a signal */
	_exit(0);
}

static __u64 clone_flags(unsigned int namespaces)
{
	__u64 flags = 0;

	flags |= namespaces & SBX_NS_PID ? CLONE_NEWPID : 0;
	flags |= namespaces & SBX_NS_IPC ? CLONE_NEWIPC : 0;
	flags |= namespaces & SBX_NS_UTS ? CLONE_NEWUTS : 0;
	flags |= namespaces & SBX_NS_NET ? CLONE_NEWNET : 0;
	flags |= namespaces & SBX_NS_MOUNT ? CLONE_NEWNS : 0;
	return flags;
}

int sbx_keeper_start(const struct sbx_keep *what, struct sbx_keeper *ret_keeper,
		     struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int launcher_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct making m = { .what = what };
	int fds[2] = { -1, -1 };
	int pid_fd = -1;
	struct clone_args args = {
		.flags = CLONE_PIDFD | clone_flags(what->namespaces),
		.pidfd = (__u64)(uintptr_t)&pid_fd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (launcher_fd < 0 || pipe2(fds, O_CLOEXEC))
		return sbx_fail(err, errno, NULL, "cannot make a pipe: %s", sbx_errno_name(errno));
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		keep(&m, fds[1], launcher_fd);
	sbx_closep(&fds[1]);
	if (pid < 0) {
		sbx_closep(&fds[0]);
		return sbx_fail(
			err, errno,
			"sbx-bpf must be root, and the kernel must know the namespaces that "
			"process.namespaces names",
			"cannot make the job's namespaces: %s", sbx_errno_name(errno));
	}
	*ret_keeper = (struct sbx_keeper){
		.pid = pid, .pid_fd = pid_fd, .status_fd = fds[0], .time_fd = -1
	};
	return 0;
}

/* One line an id range, in one write, as the kernel wants it. */
static int write_map(pid_t pid, const char *file, const struct sbx_process *process)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char text[2048];
	char path[64];
	size_t len = 0;

	for (size_t i = 0; i < process->n_id_maps && len < sizeof(text); i++) {
		const struct sbx_id_map *map = &process->id_maps[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u %u\n", map->inside,
					map->outside, map->count);
	}
	if (!process->n_id_maps)
		len = (size_t)snprintf(text, sizeof(text), "0 0 %u\n", UINT_MAX);
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		return errno;
	return 0;
}

static int fail(const struct sbx_stage_report *report, struct sbx_error *err)
{
	const char *cure = sbx_stage_cure(report->stage);

	return sbx_fail(err, report->error ? report->error : EIO, *cure ? cure : NULL,
			"%s%s%s%s failed: %s", sbx_stage_name(report->stage),
			*report->program ? " \"" : "", report->program,
			*report->program ? "\"" : "", sbx_errno_name(report->error));
}

__u32 sbx_keeper_ipc(const struct sbx_keeper *keeper, const struct sbx_policy *policy)
{
	char path[64];
	struct stat st;

	if (!keeper->pid || !(sbx_policy_namespaces(policy) & SBX_NS_IPC))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/ipc", (int)keeper->pid);
	return stat(path, &st) ? 0 : (__u32)st.st_ino;
}

int sbx_keeper_wait(struct sbx_keeper *keeper, const struct sbx_policy *policy,
		    struct sbx_error *err)
{
	unsigned int namespaces = sbx_policy_namespaces(policy);
	struct sbx_stage_report report = { 0 };
	ssize_t n;

	if (!keeper->pid)
		return 0;
	do {
		n = read(keeper->status_fd, &report, sizeof(report));
	} while (n < 0 && errno == EINTR);
	sbx_closep(&keeper->status_fd);
	if (n != (ssize_t)sizeof(report))
		report.stage = SBX_STAGE_MAX_; /* somebody killed it */
	if (report.stage)
		return fail(&report, err);
	if (namespaces & SBX_NS_USER) {
		report.stage = SBX_STAGE_USERNS;
		report.error = write_map(keeper->pid, "uid_map", &policy->process);
		if (!report.error)
			report.error = write_map(keeper->pid, "gid_map", &policy->process);
		if (report.error)
			return fail(&report, err);
	}
	if (namespaces & SBX_NS_TIME) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/%d/ns/time_for_children", keeper->pid);
		keeper->time_fd = open(path, O_RDONLY | O_CLOEXEC);
		report.stage = SBX_STAGE_TIME;
		report.error = keeper->time_fd < 0 ? errno : 0;
	}
	return report.error ? fail(&report, err) : 0;
}

void sbx_keeper_stop(struct sbx_keeper *keeper)
{
	if (keeper->pid <= 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, keeper->pid_fd, SIGKILL, NULL, 0); /* dead is fine */
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		; /* ECHILD: reaped already */
	keeper->pid = 0;
	sbx_closep(&keeper->pid_fd);
	sbx_closep(&keeper->status_fd);
	sbx_closep(&keeper->time_fd);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small process beside the job that outlives the launcher just long enough to end the job.
 * It is a fork of the launcher (about 0.1 ms): it already holds all it needs, above all the
 * state directory's lock, which keeps gc and a job of the same name away until it is done.
 * It has a session of its own and blocks what a terminal sends.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

/* `pkill -f` of the command's name does not hit it either. */
void sbx_process_rename(char *title, size_t size)
{
	(void)prctl(PR_SET_NAME, title); /* cosmetic, as is the next */
	if (!prctl(PR_SET_MM, PR_SET_MM_ARG_START, title, 0, 0))
		(void)prctl(PR_SET_MM, PR_SET_MM_ARG_END, title + size, 0, 0);
}

void sbx_process_drop_inherited(void)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name); /* "." and ".." become 0, which goes anyway */
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			(void)close(fd); /* somebody else reports their errors */
	}
}

static int poll_timeout(__u64 deadline_ms)
{
	__u64 now = sbx_now_ms();

	if (deadline_ms == SBX_LIMIT_NONE)
		return -1;
	if (deadline_ms <= now)
		return 0;
	return deadline_ms - now > 60000 ? 60000 : (int)(deadline_ms - now);
}

static void __attribute__((noreturn)) keep_watch(const struct sbx_watch *what, int launcher_fd)
{
	struct pollfd item = { .fd = launcher_fd, .events = POLLIN };
	__u64 deadline = SBX_LIMIT_NONE;

	if (what->wall_time_ms < SBX_LIMIT_NONE / 2)
		deadline = sbx_now_ms() + what->wall_time_ms + SBX_WATCHDOG_SLACK_MS;
	while (poll(&item, 1, poll_timeout(deadline)) <= 0) {
		if (deadline == SBX_LIMIT_NONE || sbx_now_ms() < deadline)
			continue;
		/* The launcher lives but did not end the job: it is stopped or stuck. */
		(void)sbx_cgroup_kill(what->cgroup, SBX_KILL_MS); /* no one to tell */
		deadline = SBX_LIMIT_NONE;
	}
	(void)sbx_cgroup_kill(what->cgroup, SBX_KILL_MS); /* as far as it goes; gc does the rest */
	if (!sbx_tasks_end(what->engine, what->binding->job, SBX_KILL_MS))
		(void)sbx_engine_release(what->engine, what->binding);
	(void)sbx_cgroup_remove(what->cgroup);
	sbx_state_remove(what->state);
	_exit(0);
}

int sbx_watchdog_start(const struct sbx_watch *watch, struct sbx_watchdog *ret_watchdog)
{
	static char title[] = "sbx-bpf-watch";
	sbx_cleanup(sbx_closep) int launcher_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t pid;
	int r;

	if (launcher_fd < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		(void)setsid(); /* cannot fail: a new child leads no group */
		sbx_process_rename(title, sizeof(title));
		sbx_process_drop_inherited();
		(void)!chdir("/"); /* keeps no mount busy; without it, only that is lost */
		keep_watch(watch, launcher_fd);
	}
	ret_watchdog->pid = pid;
	ret_watchdog->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = ret_watchdog->pid_fd < 0 ? -errno : sbx_engine_keep(watch->engine, launcher_fd);
	if (!r)
		r = sbx_engine_keep(watch->engine, ret_watchdog->pid_fd);
	if (r)
		sbx_watchdog_stop(ret_watchdog);
	return r;
}

void sbx_watchdog_stop(struct sbx_watchdog *watchdog)
{
	if (watchdog->pid <= 0)
		return;
	(void)kill(watchdog->pid, SIGKILL); /* our child, not reaped: the number is its own */
	while (waitpid(watchdog->pid, NULL, 0) < 0 && errno == EINTR)
		;
	watchdog->pid = 0;
	sbx_closep(&watchdog->pid_fd);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ending a job's tasks wherever they are.  A task keeps its job when it is moved to another
 * cgroup, so cgroup.kill alone proves nothing: the kernel is asked until no task names the job.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

#define TASKS_MAX 256 /* a round; more are met in the next */

/* A zombie does nothing any more; only its parent can take it away, and that may not be us. */
static bool is_zombie(pid_t pid)
{
	char path[64];
	char text[1024];
	const char *at;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (sbx_cgroup_read(-1, path, text, sizeof(text)) < 0)
		return true;
	at = strrchr(text, ')');
	return at && (at[2] == 'Z' || at[2] == 'X');
}

static bool listed(const pid_t *pids, int n, pid_t pid)
{
	for (int i = 0; i < n; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

/*
 * Kills those of `pids` that still name the job once their descriptors are open: a number that
 * was given to another process in between must not be hit.
 */
static void kill_checked(struct sbx_engine *engine, __u64 job, const pid_t *pids, int n)
{
	int fds[TASKS_MAX];
	pid_t again[TASKS_MAX];
	int m;

	for (int i = 0; i < n; i++)
		fds[i] = (int)syscall(SYS_pidfd_open, pids[i], 0);
	m = sbx_engine_tasks(engine, job, again, TASKS_MAX);
	if (m > TASKS_MAX)
		m = TASKS_MAX;
	for (int i = 0; i < n; i++) {
		if (fds[i] >= 0 && listed(again, m, pids[i]))
			(void)syscall(SYS_pidfd_send_signal, fds[i], SIGKILL, NULL,
				      0); /* next round
					    tells */
		sbx_closep(&fds[i]);
	}
}

/* Takes away what died below us; the command and the watchdog are reaped by their owners. */
static bool all_zombies(const pid_t *pids, int n)
{
	for (int i = 0; i < n; i++) {
		if (!is_zombie(pids[i]))
			return false;
	}
	return true;
}

int sbx_tasks_end(struct sbx_engine *engine, __u64 job, int timeout_ms)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	__u64 deadline = sbx_now_ms() + (__u64)timeout_ms;
	pid_t pids[TASKS_MAX];

	for (;;) {
		int n = sbx_engine_tasks(engine, job, pids, TASKS_MAX);

		if (n < 0)
			return n;
		if (n <= TASKS_MAX && all_zombies(pids, n))
			return 0;
		if (sbx_now_ms() >= deadline)
			return -ETIMEDOUT;
		kill_checked(engine, job, pids, n < TASKS_MAX ? n : TASKS_MAX);
		(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	}
}

int sbx_tasks_clean(struct sbx_engine *engine, const struct sbx_binding *binding,
		    const char *cgroup_path)
{
	struct sbx_cgroup cgroup = { .fd = -1 };
	int r = 0;
	int worst = 0;

	if (cgroup_path && *cgroup_path && !sbx_cgroup_open(cgroup_path, &cgroup))
		worst = sbx_cgroup_kill(&cgroup, SBX_KILL_MS);
	if (engine && binding->job) {
		r = sbx_tasks_end(engine, binding->job, SBX_KILL_MS);
		if (!r)
			r = sbx_engine_release(engine, binding);
		if (r && r != -ENOENT && !worst)
			worst = r;
	}
	r = sbx_cgroup_remove(&cgroup);
	return worst ? worst : r;
}

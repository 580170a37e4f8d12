// SPDX-License-Identifier: GPL-2.0-only
/*
 * The launcher while its job runs: one poll over signals, the command's exec, the ring, the door
 * for further commands and the clock.  Of a kept job there is nothing but the door; of a further
 * command, no ring, and its client instead of a door.  Nothing is asked about memory:
 * memory.oom.group lets the kernel end a job that runs out of it, and the figures at the end tell.
 * The launcher is the subreaper of what it starts, so that orphans of the job are reaped even where
 * the host's init does not do it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define TICK_MS 100	  /* how soon a limit or a quarantine of the kernel's is noticed */
#define SKIPS_MS 1000	  /* how soon skipped programs are noticed */
#define FLUSH_MS 1100	  /* after events: later than the log waits for a missing one */
#define STOP_AGAIN_MS 200 /* two stops closer than this are one: timeout(1) sends a pair */

static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

struct supervisor {
	struct sbx_run *run;
	struct sbx_signals *signals;
	bool own_session; /* the command is not in our process group */
	bool counters;	  /* the kernel's counters can end the job: look at every tick */
	bool ending;	  /* the tree was told to die */
	bool dead;	  /* the command is reaped */
	int code;	  /* si_code and si_status of its death */
	int status;
	__u64 deadline_ms;
	__u64 tick_ms;
	__u64 flush_ms; /* when the log is to look at its holes; SBX_LIMIT_NONE: not */
	__u64 skips_ms; /* when to look at skipped programs; SBX_LIMIT_NONE: not */
	__u64 door_ms;	/* when to look at further commands; SBX_LIMIT_NONE: not */
	__u64 stop_ms;	/* the first request to stop; 0: none */
};

int sbx_signals_take(struct sbx_signals *ret_signals)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction now;
	sigset_t set;
	int fd;

	(void)sigemptyset(&set); /* cannot fail, nor can the next with these numbers */
	(void)sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(forwarded); i++) {
		/* What the caller told us to ignore (nohup) is not for the command either. */
		if (!sigaction(forwarded[i], NULL, &now) && now.sa_handler != SIG_IGN)
			(void)sigaddset(&set, forwarded[i]);
	}
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* An inherited "ignore" would make children vanish without a status. */
	if (sigaction(SIGCHLD, &plain, &ret_signals->child_before) ||
	    sigprocmask(SIG_BLOCK, &set, &ret_signals->before)) {
		int r = -errno;

		(void)close(fd); /* nothing was read from it */
		return r;
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* without it init reaps orphans */
	ret_signals->taken = set;
	ret_signals->fd = fd;
	return 0;
}

void sbx_signals_give_back(struct sbx_signals *signals)
{
	const struct timespec none = { 0 };

	if (signals->fd < 0)
		return;
	/* What came too late was for a job that has ended. */
	while (sigtimedwait(&signals->taken, NULL, &none) > 0)
		;
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0); /* these three restore what was valid before */
	(void)sigaction(SIGCHLD, &signals->child_before, NULL);
	(void)sigprocmask(SIG_SETMASK, &signals->before, NULL);
	sbx_closep(&signals->fd);
}

void sbx_run_describe(const struct sbx_run *run, const struct sbx_event *event, size_t event_size,
		      char *buf, size_t size)
{
	const struct sbx_rule_ref *rule =
		sbx_compiled_decider(run->options->compiled, event, event_size);

	if (rule->place.file)
		(void)snprintf(buf, size, "%s:%u: %s", rule->place.file, rule->place.line,
			       rule->text);
	else
		(void)snprintf(buf, size, "built in: %s", rule->text);
}

void sbx_run_event(const struct sbx_event *event, size_t size, void *ctx)
{
	struct sbx_run *run = ctx;

	sbx_audit_event(run->log, event, size);
	if (run->door)
		sbx_door_note(run, event, size);
	if (event->verdict == SBX_VERDICT_KILLED && event->pid == (__u32)run->child.pid)
		run->guard_killed = true;
	/* Before the exec has worked the command is alone in the job. */
	if (event->op != SBX_OP_EXEC || event->verdict < SBX_VERDICT_DENIED || run->exec_us ||
	    *run->denied_exec)
		return;
	sbx_run_describe(run, event, size, run->denied_exec, sizeof(run->denied_exec));
}

void sbx_run_skip(const char *program, __u64 count, void *ctx)
{
	struct sbx_run *run = ctx;

	run->skipped += count;
	sbx_audit_skipped(run->log, program, count);
}

static void read_skips(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	int r = sbx_skips_read(run->skips, sbx_run_skip, run);

	s->skips_ms = run->skips && !r ? sbx_now_ms() + SKIPS_MS : SBX_LIMIT_NONE;
	if (r)
		sbx_log(SBX_LOG_WARN, "skipped programs can no longer be watched: %s",
			sbx_errno_name(r));
}

/* A kept job's supervisor, which has no command of its own. */
static bool is_host(const struct sbx_run *run)
{
	return run->options->keep && !run->command;
}

/* Kills the tree; the first reason stays. */
static void end_job(struct supervisor *s, enum sbx_end end)
{
	if (!s->ending && !s->dead) {
		s->ending = true;
		s->run->outcome.end = end;
	}
	if (s->run->door)
		sbx_door_shut(s->run, 0);
	if (s->run->options->outer)
		(void)sbx_nested_kill(); /* repeated at each tick, as the next */
	else
		(void)sbx_cgroup_write(s->run->tree->fd, "cgroup.kill", "1");
}

static void restart_watchdog(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	const struct sbx_watch watch = sbx_run_watch(run);

	run->watchdog.pid = 0; /* already reaped */
	sbx_closep(&run->watchdog.pid_fd);
	sbx_log(SBX_LOG_WARN, "the job's watchdog was killed; starting another");
	if (sbx_watchdog_start(&watch, &run->watchdog))
		sbx_log(SBX_LOG_WARN,
			"no watchdog: continuing; if sbx-bpf is killed, run \"sbx-bpf gc\"");
}

/* Without it the job's namespaces may end with their last process. */
static void lose_keeper(struct supervisor *s)
{
	s->run->keeper.pid = 0; /* already reaped */
	sbx_closep(&s->run->keeper.pid_fd);
	sbx_log(SBX_LOG_WARN, "the keeper of the job's namespaces was killed: ending the job");
	end_job(s, SBX_END_CANCELLED);
}

static void reap(struct supervisor *s)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) || !info.si_pid)
			return;
		if (info.si_pid == s->run->child.pid && !s->dead) {
			s->dead = true;
			s->code = info.si_code;
			s->status = info.si_status;
		} else if (info.si_pid == s->run->watchdog.pid) {
			restart_watchdog(s);
		} else if (info.si_pid == s->run->keeper.pid && !s->run->command) {
			lose_keeper(s);
		} else {
			(void)sbx_door_reap(s->run, info.si_pid); /* else an orphan of the job */
		}
	}
}

/* The terminal has signalled our whole group, the command with it: that is not for us. */
static void take_signal(struct supervisor *s, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;
	__u64 now = sbx_now_ms();

	if (sig == SIGCHLD || (!s->own_session && info->ssi_code == SI_KERNEL))
		return;
	if (sig == SIGHUP && sbx_run_take_up_log(s->run))
		return;
	if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP) {
		if (s->stop_ms && now - s->stop_ms >= STOP_AGAIN_MS)
			end_job(s, SBX_END_CANCELLED);
		else if (!s->stop_ms)
			s->stop_ms = now;
		if (is_host(s->run))
			sbx_door_shut(s->run, sig);
	}
	if (sig == SIGWINCH && s->run->pty.fd >= 0)
		sbx_pty_resize(&s->run->pty); /* of which the job's terminal tells it */
	else if (!s->dead && !is_host(s->run))
		(void)syscall(SYS_pidfd_send_signal, s->run->child.pid_fd, sig, NULL, 0); /* it may
											be dead */
}

static void read_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		take_signal(s, &info);
}

/* The command's exec has worked (end of file) or a step before it has failed. */
static void read_status(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	ssize_t n = read(run->child.status_fd, &run->outcome.report, sizeof(run->outcome.report));
	__u64 wall = run->options->policy->limits.wall_time_ms;

	if (n < 0 && errno == EINTR)
		return;
	if (n != (ssize_t)sizeof(run->outcome.report)) {
		memset(&run->outcome.report, 0, sizeof(run->outcome.report));
		run->exec_us = sbx_now_us();
		if (wall < SBX_LIMIT_NONE / 2)
			s->deadline_ms = sbx_now_ms() + wall;
	}
	sbx_closep(&run->child.status_fd);
}

/* The first time with a grace: a request. */
static void time_is_up(struct supervisor *s)
{
	__u64 grace = s->run->options->policy->limits.grace_ms;

	if (!grace || s->run->outcome.end || s->run->options->outer) {
		end_job(s, SBX_END_TIMEOUT);
		return;
	}
	s->run->outcome.end = SBX_END_TIMEOUT; /* however the command ends now */
	s->deadline_ms = sbx_now_ms() + grace;
	sbx_cgroup_signal(s->run->tree, SIGTERM);
}

static void drain(struct supervisor *s)
{
	(void)sbx_ring_drain(s->run->ring); /* what it cannot read, the counters show as lost */
	sbx_audit_flush(s->run->log, NULL, false);
	s->flush_ms = sbx_now_ms() + FLUSH_MS;
}

static void tick(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	__u64 now = sbx_now_ms();

	if (now >= s->flush_ms) {
		sbx_audit_flush(run->log, NULL, false);
		s->flush_ms = SBX_LIMIT_NONE;
	}
	if (now >= s->skips_ms)
		read_skips(s);
	if (now >= s->deadline_ms)
		time_is_up(s);
	s->door_ms = sbx_door_deadline(run, now);
	if (now < s->tick_ms)
		return;
	s->tick_ms = now + TICK_MS;
	if (s->ending)
		end_job(s, run->outcome.end);
	if (!s->counters || sbx_engine_state(run->engine, run->binding.job, &run->counters))
		return;
	if (run->counters.quarantined)
		end_job(s, SBX_END_QUARANTINE);
	else if (run->counters.refused >= run->options->policy->limits.violations)
		end_job(s, SBX_END_VIOLATIONS);
}

static int poll_timeout(const struct supervisor *s)
{
	__u64 now = sbx_now_ms();
	__u64 next = s->deadline_ms;

	if (s->flush_ms < next)
		next = s->flush_ms;
	if (s->skips_ms < next)
		next = s->skips_ms;
	if (s->door_ms < next)
		next = s->door_ms;
	if ((s->counters || s->ending) && s->tick_ms < next)
		next = s->tick_ms;
	if (next == SBX_LIMIT_NONE)
		return -1;
	if (next <= now)
		return 0;
	return next - now > 60000 ? 60000 : (int)(next - now);
}

/* Who else has something to say: clients that want a command, or the command's own. */
static int side_fd(const struct sbx_run *run)
{
	return run->command ? run->command->client_fd : sbx_door_fd(run->door);
}

static void hear_side(struct supervisor *s)
{
	if (!s->run->command)
		sbx_door_serve(s->run);
	else if (sbx_command_listen(s->run))
		end_job(s, SBX_END_CANCELLED);
}

/* One wait and what came of it. A closed status pipe is -1, which poll leaves out. */
static void supervise_once(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	struct pollfd items[4 + SBX_PTY_ITEMS + SBX_SINKS_MAX] = {
		{ .fd = s->signals->fd, .events = POLLIN },
		{ .fd = run->child.status_fd, .events = POLLIN },
		{ .fd = run->ring ? sbx_ring_fd(run->ring) : -1, .events = POLLIN },
		{ .fd = side_fd(run), .events = POLLIN },
	};
	int timeout_ms;
	int sinks_ms;

	sbx_pty_poll(&run->pty, items + 4);
	if (!run->exec_us)
		items[4].fd = -1; /* what is typed is for the command, not for its setting up */
	sinks_ms = sbx_audit_poll(run->log, items + 4 + SBX_PTY_ITEMS);
	timeout_ms = poll_timeout(s);
	if (sinks_ms >= 0 && (timeout_ms < 0 || sinks_ms < timeout_ms))
		timeout_ms = sinks_ms;
	if (poll(items, SBX_ARRAY_SIZE(items), timeout_ms) < 0)
		return; /* a signal, or no memory for a moment: look again */
	sbx_pty_carry(&run->pty, items + 4);
	sbx_audit_carry(run->log);
	if (items[1].revents)
		read_status(s);
	if (items[0].revents) {
		read_signals(s);
		reap(s);
	}
	if (items[2].revents)
		drain(s);
	if (items[3].revents)
		hear_side(s);
	tick(s);
}

/* The job's command is dead: launchers of further ones tell how theirs ended, if they are quick. */
static void empty_door(struct supervisor *s)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	__u64 deadline = sbx_now_ms() + SBX_KILL_MS;

	if (!s->run->door)
		return;
	sbx_door_shut(s->run, 0);
	while (!sbx_door_is_empty(s->run->door) && sbx_now_ms() < deadline) {
		sbx_door_serve(s->run);
		reap(s);
		(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	}
}

/* Within another job: no cgroup, ring or counters are this run's own. */
static void settle_nested(struct supervisor *s)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	__u64 deadline = sbx_now_ms() + SBX_KILL_MS;
	struct sbx_cgroup_figures *figures = &s->run->figures;
	struct rusage usage;

	s->run->end_us = sbx_now_us();
	while (sbx_nested_kill() && sbx_now_ms() < deadline) {
		reap(s);
		(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	}
	if (getrusage(RUSAGE_CHILDREN, &usage))
		return; /* the figures stay unknown */
	figures->cpu_user_us =
		(__u64)usage.ru_utime.tv_sec * 1000000 + (__u64)usage.ru_utime.tv_usec;
	figures->cpu_system_us =
		(__u64)usage.ru_stime.tv_sec * 1000000 + (__u64)usage.ru_stime.tv_usec;
}

/* After the command: the rest of its tree, the last events, the figures. */
static void settle(struct supervisor *s)
{
	struct sbx_run *run = s->run;
	const struct sbx_limits *limits = &run->options->policy->limits;
	struct sbx_cgroup_figures at_end = { 0 };
	int r;

	run->end_us = sbx_now_us();
	(void)sbx_cgroup_figures(&run->cgroup, &at_end); /* what is missing stays unknown */
	r = sbx_cgroup_kill(run->tree, SBX_KILL_MS);
	reap(s);
	empty_door(s);
	if (!r && !run->command) /* whose tasks cannot be told from others of the job */
		r = sbx_tasks_end(run->engine, run->binding.job, SBX_KILL_MS);
	reap(s);
	if (r)
		sbx_log(SBX_LOG_WARN, "not every process of job \"%s\" could be ended: %s",
			run->name, sbx_errno_name(r));
	while (run->ring && sbx_ring_drain(run->ring) > 0)
		; /* what it cannot read, the counters show as lost */
	read_skips(s);
	run->outcome.lost_limits = sbx_cgroup_lost_limits(&run->cgroup, limits);
	if (limits->disk_write != SBX_LIMIT_NONE && !sbx_engine_is_whole(run->engine))
		run->outcome.lost_limits |= 1u << SBX_LIMIT_DISK_WRITE;
	if (sbx_cgroup_figures(&run->cgroup, &run->figures))
		run->figures = at_end;
	run->figures.memory_now = at_end.memory_now;
	r = sbx_engine_state(run->engine, run->binding.job, &run->counters);
	if (r)
		sbx_log(SBX_LOG_WARN, "the job's counters cannot be read: %s", sbx_errno_name(r));
	run->network = sbx_traffic_build(run->engine, &run->binding);
	if (run->command)
		sbx_command_settle(run);
}

/* True when some guard can put the job under quarantine. */
static bool can_quarantine(const struct sbx_policy *policy)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(policy->guards); i++) {
		if (policy->guards[i] == SBX_ACTION_QUARANTINE)
			return true;
	}
	return false;
}

void sbx_supervise(struct sbx_run *run, struct sbx_signals *signals)
{
	const struct sbx_policy *policy = run->options->policy;
	struct supervisor s = {
		.run = run,
		.signals = signals,
		.own_session = sbx_run_has_session(run),
		.counters = run->engine &&
			    (policy->limits.violations != SBX_LIMIT_NONE || can_quarantine(policy)),
		.deadline_ms = SBX_LIMIT_NONE,
		.flush_ms = SBX_LIMIT_NONE,
		.skips_ms = run->skips ? 0 : SBX_LIMIT_NONE,
		.door_ms = SBX_LIMIT_NONE,
		.tick_ms = sbx_now_ms() + TICK_MS,
	};

	if (run->pty.fd >= 0)
		sbx_pty_start(&run->pty);
	if (is_host(run)) {
		run->exec_us = sbx_now_us();
		s.code = CLD_EXITED;
	}
	while (!s.dead && !(is_host(run) && sbx_door_is_empty(run->door)))
		supervise_once(&s);
	/* The exec's report may lie in the pipe still when the death is seen first. */
	if (run->child.status_fd >= 0)
		read_status(&s);
	if (run->options->outer)
		settle_nested(&s);
	else
		settle(&s);
	sbx_pty_drain(&run->pty);
	sbx_pty_close(&run->pty);
	sbx_outcome_decide(run, s.code, s.status);
}

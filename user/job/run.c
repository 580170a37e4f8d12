// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run from the name to the result.  The steps and their order are the table below; whatever
 * was made is undone in the reverse order, after a failure as after success.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/log.h"

/* "strict-4711": from the policy's name, as far as a job's name may have its characters. */
static void make_name(const char *policy, char *buf, size_t size)
{
	char word[40];
	size_t n = 0;

	for (; *policy && n < sizeof(word) - 1; policy++) {
		char c = (char)tolower((unsigned char)*policy);

		word[n++] = (char)(isalnum((unsigned char)c) || strchr("._-", c) ? c : '-');
	}
	word[n] = '\0';
	(void)snprintf(buf, size, "%s-%d", isalnum((unsigned char)*word) ? word : "job", getpid());
}

/* Cleans up after killed launchers first: one of them may have had the name. */
static int take_name(struct sbx_run *run, struct sbx_error *err)
{
	const char *root = sbx_engine_cgroup_root(run->engine);
	char path[512];
	int r;

	if (run->options->name) {
		r = sbx_state_check_name(run->options->name, err);
		if (r)
			return r;
		(void)snprintf(run->name, sizeof(run->name), "%s", run->options->name);
	} else {
		make_name(run->options->policy->name, run->name, sizeof(run->name));
	}
	if (snprintf(path, sizeof(path), "%s/%s", root, run->name) >= (int)sizeof(path))
		return sbx_fail(err, ENAMETOOLONG, NULL, "the path \"%s/%s\" is too long", root,
				run->name);
	sbx_gc_records(run->engine);
	r = sbx_state_create(run->name, path, run->options->keep, &run->state, err);
	return r != -ESTALE ? r
			    : sbx_fail(err, EEXIST, "choose another --name, or run: sbx-bpf gc",
				       "a dead job named \"%s\" is not cleaned up yet", run->name);
}

static int find_identity(struct sbx_run *run, struct sbx_error *err)
{
	const char *workdir = run->options->policy->process.workdir;

	if (workdir)
		(void)snprintf(run->workdir, sizeof(run->workdir), "%s", workdir);
	else if (!getcwd(run->workdir, sizeof(run->workdir)))
		run->workdir[0] = '\0'; /* it was removed: the command stays there */
	return sbx_identity_find(run->options->policy, &run->identity, err);
}

/* Early, because it works while this process goes on with the next steps. */
static int start_keeper(struct sbx_run *run, struct sbx_error *err)
{
	const struct sbx_policy *policy = run->options->policy;
	const struct sbx_keep what = {
		.policy = policy,
		.namespaces = sbx_policy_namespaces(policy),
		.workdir = run->workdir,
		.uid = sbx_id_outside(&policy->process, run->identity.uid),
		.gid = sbx_id_outside(&policy->process, run->identity.gid),
	};

	return what.namespaces ? sbx_keeper_start(&what, &run->keeper, err) : 0;
}

static int await_keeper(struct sbx_run *run, struct sbx_error *err)
{
	return sbx_keeper_wait(&run->keeper, run->options->policy, err);
}

static int make_cgroup(struct sbx_run *run, struct sbx_error *err)
{
	int r = sbx_cgroup_create(sbx_engine_cgroup_root(run->engine), run->name, &run->cgroup,
				  err);

	return r ? r : sbx_cgroup_limit(&run->cgroup, &run->options->policy->limits, err);
}

static int bind_policy(struct sbx_run *run, struct sbx_error *err)
{
	struct sbx_compiled compiled = *run->options->compiled; /* what it points at stays there */
	struct sbx_binding binding = { 0 };
	int r;

	compiled.job.ipc_ns = sbx_keeper_ipc(&run->keeper, run->options->policy);
	r = sbx_engine_bind(run->engine, &compiled, run->cgroup.path, &binding, err);
	if (r)
		return r;
	run->binding = binding;
	r = sbx_state_bound(&run->state, &binding);
	return r ? sbx_fail(err, -r, NULL, "cannot record the job's number: %s", sbx_errno_name(r))
		 : 0;
}

static int open_log(struct sbx_run *run, struct sbx_error *err)
{
	const struct sbx_run_options *options = run->options;
	const struct sbx_audit_options audit = {
		.path = run->log_path,
		.job = run->name,
		.chain = options->policy->audit.chain,
		.key_path = options->policy->audit.key,
		.compiled = options->compiled,
		.policy_name = options->policy->name,
		.policy_sha256 = options->policy->sha256,
		.cgroup_path = run->cgroup.path,
		.rotation = options->policy->audit.rotation,
		.sinks = options->policy->audit.sinks,
		.n_sinks = options->policy->audit.n_sinks,
	};
	int r = 0;

	if (options->audit_path)
		(void)snprintf(run->log_path, sizeof(run->log_path), "%s", options->audit_path);
	else
		r = sbx_state_log_path(run->name, run->log_path, sizeof(run->log_path), err);
	run->log_is_new = access(run->log_path, F_OK) != 0;
	if (!r)
		r = sbx_audit_open(&audit, &run->log, err);
	if (r) {
		run->log_path[0] = '\0';
		return r;
	}
	return sbx_audit_start(run->log, options->argv, run->isolation, err);
}

static int open_ring(struct sbx_run *run, struct sbx_error *err)
{
	int r = sbx_ring_open(run->engine, run->binding.job, sbx_run_event, run, &run->ring);

	return r ? sbx_fail(err, -r, NULL, "cannot open the job's event buffer: %s",
			    sbx_errno_name(r))
		 : 0;
}

static int watch_skips(struct sbx_run *run, struct sbx_error *err)
{
	int r = sbx_skips_open(run->engine, &run->skips);

	return r ? sbx_fail(err, -r, NULL, "cannot watch for skipped programs: %s",
			    sbx_errno_name(r))
		 : 0;
}

struct sbx_watch sbx_run_watch(struct sbx_run *run)
{
	const struct sbx_limits *limits = &run->options->policy->limits;

	return (struct sbx_watch){
		.engine = run->engine,
		.binding = &run->binding,
		.cgroup = &run->cgroup,
		.state = &run->state,
		/* of a kept job's commands each has its own time */
		.wall_time_ms = run->options->keep ? SBX_LIMIT_NONE : sbx_wall_time(limits),
	};
}

static int start_watchdog(struct sbx_run *run, struct sbx_error *err)
{
	const struct sbx_watch watch = sbx_run_watch(run);
	int r = sbx_watchdog_start(&watch, &run->watchdog);

	return r ? sbx_fail(err, -r, NULL, "cannot start the job's watchdog: %s", sbx_errno_name(r))
		 : 0;
}

/* A kept job begins without: its first command comes through the door, as all others. */
static int open_terminal(struct sbx_run *run, struct sbx_error *err)
{
	return run->options->keep ? 0 : sbx_run_open_terminal(run, err);
}

static int launch(struct sbx_run *run, struct sbx_error *err)
{
	return run->options->keep ? sbx_keep_ready(run, err) : sbx_run_launch(run, err);
}

/* In a job: the outer one has all the rest. */
static int (*const nested_steps[])(struct sbx_run *run, struct sbx_error *err) = {
	find_identity,
	sbx_isolation_plan,
	open_terminal,
	launch,
};

/* Everything before supervision, in this order; finish() undoes it backwards. */
static int (*const steps[])(struct sbx_run *run, struct sbx_error *err) = {
	take_name,     find_identity, start_keeper, sbx_isolation_plan, make_cgroup,  bind_policy,
	open_log,      open_ring,     watch_skips,  start_watchdog,	await_keeper, open_terminal,
	sbx_door_open, launch,
};

/* A default log in which nothing was refused says nothing that the result does not. */
static bool drop_empty_log(struct sbx_run *run)
{
	const struct sbx_job_state *counters = &run->counters;

	if (run->options->audit_path || run->options->keep_log || !run->log_is_new ||
	    !*run->log_path)
		return false;
	if (counters->refused || counters->seq || counters->limited || run->skipped ||
	    run->outcome.end != SBX_END_EXITED || run->options->policy->audit.n_sinks)
		return false;
	(void)unlink(run->log_path); /* a file too many does no harm */
	run->log_path[0] = '\0';
	return true;
}

/* A record for each limit that was met. */
static void log_limits(struct sbx_run *run, const json_t *result)
{
	json_t *limits = json_object_get(result, "limits");
	const char *name;
	json_t *limit;

	json_object_foreach (limits, name, limit) {
		if (json_is_true(json_object_get(limit, "hit")))
			sbx_audit_limit(run->log, name, limit);
	}
}

/*
 * A hang-up is for the command, but for one after the log was moved away: that is logrotate's way
 * to ask for a new file.
 */
bool sbx_run_take_up_log(struct sbx_run *run)
{
	int r = sbx_audit_reopen(run->log);

	if (r && r != -EALREADY)
		sbx_log(SBX_LOG_WARN, "no new log \"%s\": %s; continuing in the one that was moved",
			run->log_path, sbx_errno_name(r));
	return r != -EALREADY;
}

/* The end record and the result file; a log that cannot be written is said, not fatal: it ran. */
static void report(struct sbx_run *run, const struct sbx_result_sink *sink, json_t **ret_json)
{
	struct sbx_error err = { 0 };
	json_t *result;
	int r = 0;

	if (run->options->policy->root.overlay == SBX_OVERLAY_DIFF && run->keeper.pid)
		run->changes = sbx_changes_list(&run->keeper, &run->options->policy->root);
	result = sbx_result_build(run);

	if (run->log) {
		sbx_audit_flush(run->log, &run->counters, true);
		if (!drop_empty_log(run)) {
			log_limits(run, result);
			r = sbx_audit_end(run->log, result, &run->counters);
		}
		json_decref(result);
		result = sbx_result_build(run); /* now with the end record's hash */
	}
	if (r)
		sbx_log(SBX_LOG_WARN, "the log \"%s\" is incomplete: %s", run->log_path,
			sbx_errno_name(r));
	if (sbx_result_write(sink, result, &err))
		sbx_log_error(&err);
	*ret_json = result;
}

/* The terminal goes back to the launcher's group, in case the command took it and was killed. */
static void take_terminal_back(void)
{
	pid_t group = getpgrp();
	pid_t foreground = isatty(STDIN_FILENO) ? tcgetpgrp(STDIN_FILENO) : -1;
	sigset_t out;
	sigset_t before;

	if (foreground < 0 || foreground == group || getsid(foreground) >= 0)
		return;		 /* nobody took it, or its owner lives */
	(void)sigemptyset(&out); /* cannot fail, as the next two */
	(void)sigaddset(&out, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &out, &before);
	(void)tcsetpgrp(STDIN_FILENO, group); /* without it the shell takes it back itself */
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Undoes the steps; what a living supervisor cannot do now, nobody can. */
static void finish(struct sbx_run *run)
{
	if (run->child.pid)
		take_terminal_back();
	sbx_closep(&run->child.pid_fd);
	sbx_closep(&run->child.status_fd);
	sbx_pty_close(&run->pty);
	sbx_door_close(SBX_TAKE(run->door, NULL));
	sbx_keeper_stop(&run->keeper);
	sbx_ring_close(SBX_TAKE(run->ring, NULL));
	sbx_skips_close(SBX_TAKE(run->skips, NULL));
	if (run->binding.job && sbx_engine_release(run->engine, &run->binding))
		sbx_log(SBX_LOG_WARN, "job %llu stays bound; run \"sbx-bpf gc\"", run->binding.job);
	if (sbx_cgroup_remove(&run->cgroup))
		sbx_log(SBX_LOG_WARN, "the cgroup \"%s\" stays; run \"sbx-bpf gc\"",
			run->cgroup.path);
	sbx_watchdog_stop(&run->watchdog);
	sbx_identity_free(&run->identity);
	sbx_state_remove(&run->state);
}

static void warn_lost_limits(const struct sbx_run *run)
{
	for (enum sbx_limit limit = 0; limit < SBX_LIMIT_MAX_; limit++) {
		if (run->outcome.lost_limits & (1u << limit))
			sbx_log(SBX_LOG_WARN,
				"limits.%s was no longer in force at the end: somebody changed "
				"\"%s\" meanwhile",
				sbx_limit_name(limit), run->cgroup.path);
	}
}

static void warn_skipped(const struct sbx_run *run)
{
	if (run->skipped)
		sbx_log(SBX_LOG_WARN,
			"while the job ran the kernel did not call programs of the engine %llu "
			"times: acts of this job, or of others, were not judged (records of type "
			"skipped in the log).  This kernel preempts itself; boot it with `bpf` in "
			"lsm= and preempt=none or voluntary to rule that out",
			run->skipped);
}

static int prepare(struct sbx_run *run, struct sbx_signals *signals, struct sbx_error *err)
{
	int r = sbx_signals_take(signals);

	if (r)
		return sbx_fail(err, -r, NULL, "cannot take over signals: %s", sbx_errno_name(r));
	if (run->options->outer) {
		(void)snprintf(run->name, sizeof(run->name), "%s", run->options->outer);
		for (size_t i = 0; i < SBX_ARRAY_SIZE(nested_steps) && !r; i++)
			r = nested_steps[i](run, err);
		return r;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(steps) && !r; i++)
		r = steps[i](run, err);
	return r;
}

static void fail_run(struct sbx_run *run, const struct sbx_error *why)
{
	run->outcome.end = SBX_END_SETUP;
	run->outcome.status = SBX_EXIT_FAILURE;
	(void)snprintf(run->outcome.message, sizeof(run->outcome.message), "%s", why->text);
	run->end_us = sbx_now_us();
}

static struct sbx_run new_run(struct sbx_engine *engine, const struct sbx_run_options *options)
{
	return (struct sbx_run){
		.engine = engine,
		.options = options,
		.state = { .dir_fd = -1 },
		.cgroup = { .fd = -1 },
		.pty = { .fd = -1, .peer_fd = -1 },
		.keeper = { .pid_fd = -1, .status_fd = -1, .time_fd = -1 },
		.watchdog = { .pid_fd = -1 },
		.child = { .pid_fd = -1, .status_fd = -1 },
		.start_us = sbx_now_us(),
	};
}

void sbx_job_report_failure(const struct sbx_run_options *options, const struct sbx_error *why)
{
	struct sbx_run run = new_run(NULL, options);
	struct sbx_result_sink sink = { .fd = -1, .dir_fd = -1 };
	struct sbx_error err = { 0 };
	json_t *result;

	if (options->name && !sbx_state_check_name(options->name, NULL))
		(void)snprintf(run.name, sizeof(run.name), "%s", options->name);
	fail_run(&run, why);
	if (sbx_result_open(options->result_path, &sink, &err)) {
		sbx_log(SBX_LOG_DEBUG, "no result: %s",
			err.text); /* the failure itself is logged */
		return;
	}
	result = sbx_result_build(&run);
	if (sbx_result_write(&sink, result, &err))
		sbx_log_error(&err);
	json_decref(result);
	sbx_result_close(&sink);
}

int sbx_job_run(struct sbx_engine *engine, const struct sbx_run_options *options,
		struct sbx_run_result *ret_result, struct sbx_error *err)
{
	struct sbx_run run = new_run(engine, options);
	struct sbx_result_sink sink = { .fd = -1, .dir_fd = -1 };
	struct sbx_signals signals = { .fd = -1 };
	struct sbx_run_result result = { .end = SBX_END_SETUP };
	struct sbx_error why = { 0 };
	int r = sbx_result_open(options->result_path, &sink, &why);

	run.tree = &run.cgroup;
	if (options->pty)
		run.pty = SBX_TAKE(*options->pty, ((struct sbx_pty){ .fd = -1, .peer_fd = -1 }));
	if (!r)
		r = prepare(&run, &signals, &why);
	if (r)
		fail_run(&run, &why);
	else
		sbx_supervise(&run, &signals);
	report(&run, &sink, &result.json);
	if (!r && run.outcome.end == SBX_END_SETUP)
		r = sbx_fail(&why, EIO, NULL, "%.1000s", run.outcome.message);
	if (!r) {
		if (!options->outer)
			warn_lost_limits(&run);
		warn_skipped(&run);
		if (!options->quiet && run.log)
			sbx_summary_print(sbx_audit_tally(run.log), &run.counters, run.name,
					  sbx_color(STDERR_FILENO), false, stderr);
	}
	sbx_audit_close(run.log);
	finish(&run);
	sbx_signals_give_back(&signals);
	sbx_result_close(&sink);
	sbx_isolation_done(&run);
	json_decref(run.changes);
	json_decref(run.network);
	if (r) {
		json_decref(result.json);
		if (err)
			*err = why;
		return r;
	}
	result.end = run.outcome.end;
	result.exit_status = run.outcome.status;
	memcpy(result.message, run.outcome.message, sizeof(result.message));
	*ret_result = result;
	return 0;
}

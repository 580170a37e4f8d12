// SPDX-License-Identifier: GPL-2.0-only
/* How a run ended: one reason, one exit status, one sentence. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "policy/syscalls.h"

const char *sbx_end_to_str(enum sbx_end end)
{
	static const char *const words[] = {
		[SBX_END_EXITED] = "exited",
		[SBX_END_SIGNALED] = "signaled",
		[SBX_END_TIMEOUT] = "timeout",
		[SBX_END_OOM] = "oom",
		[SBX_END_LIMIT] = "limit",
		[SBX_END_VIOLATIONS] = "violations",
		[SBX_END_GUARD] = "guard",
		[SBX_END_QUARANTINE] = "quarantine",
		[SBX_END_SECCOMP] = "seccomp",
		[SBX_END_CANCELLED] = "cancelled",
		[SBX_END_CANNOT_EXEC] = "cannot-exec",
		[SBX_END_NOT_FOUND] = "not-found",
		[SBX_END_SETUP] = "setup",
	};

	return end >= SBX_END_EXITED && end <= SBX_END_SETUP ? words[end] : "setup";
}

#define SAY(outcome, ...) \
	((void)snprintf((outcome)->message, sizeof((outcome)->message), __VA_ARGS__))

/* A step before the command failed: which, about what, why, and what to do. */
static void describe_failure(struct sbx_outcome *outcome)
{
	const struct sbx_stage_report *report = &outcome->report;
	const char *object = report->stage < SBX_STAGE_FIND ? report->program : "";
	const char *cure = sbx_stage_cure(report->stage);

	SAY(outcome, "%s%s%s%s failed: %s%s%s%s", sbx_stage_name(report->stage),
	    *object ? " \"" : "", object, *object ? "\"" : "", sbx_errno_name(report->error),
	    *cure ? " (" : "", cure, *cure ? ")" : "");
}

/* The command was looked for, or its exec was tried, and that failed. */
static void decide_not_run(struct sbx_run *run)
{
	struct sbx_outcome *outcome = &run->outcome;
	const struct sbx_stage_report *report = &outcome->report;
	const char *command = run->options->argv[0];
	const char *error = sbx_errno_name(report->error);

	outcome->end = SBX_END_CANNOT_EXEC;
	outcome->status = SBX_EXIT_CANNOT_EXEC;
	if (report->stage == SBX_STAGE_FIND && report->error == ENOENT) {
		outcome->end = SBX_END_NOT_FOUND;
		outcome->status = SBX_EXIT_NOT_FOUND;
		SAY(outcome, "the command \"%s\" was not found%s", command,
		    strchr(command, '/') ? "" : " in PATH");
	} else if (report->stage == SBX_STAGE_EXEC && *run->denied_exec) {
		SAY(outcome, "the policy does not allow executing \"%s\" (%s)", report->program,
		    run->denied_exec);
	} else if (report->stage == SBX_STAGE_EXEC && report->error == ENOENT) {
		SAY(outcome, "cannot execute \"%s\": the interpreter that it names is missing",
		    report->program);
	} else if (report->stage == SBX_STAGE_EXEC || report->stage == SBX_STAGE_FIND) {
		SAY(outcome, "cannot execute \"%s\": %s", report->program, error);
	} else {
		outcome->end = SBX_END_SETUP;
		outcome->status = SBX_EXIT_FAILURE;
		describe_failure(outcome);
	}
}

char *sbx_outcome_syscall(const struct sbx_run *run)
{
	const struct sbx_job_state *counters = &run->counters;

	if (run->outcome.end != SBX_END_SECCOMP || counters->sigsys_pid != (__u32)run->child.pid)
		return NULL;
	return sbx_syscall_of_arch(counters->sigsys_arch, (int)counters->sigsys_call);
}

/* Where the kernel's program did not see it: which calls it can have been. */
static void explain_seccomp(struct sbx_run *run)
{
	sbx_cleanup(sbx_freep) char *call = sbx_outcome_syscall(run);
	sbx_cleanup(sbx_freep) char *calls =
		call ? SBX_TAKE(call, NULL) : sbx_seccomp_killers(run->options->policy);
	bool one = calls && !strchr(calls, ',');

	SAY(&run->outcome, "killed by SIGSYS for a system call%s%s (process.seccomp: kill)",
	    !calls ? ""
	    : one  ? ": "
		   : ", one of: ",
	    calls ? calls : "");
}

/* The command was ended by something else than itself. */
static void explain(struct sbx_run *run)
{
	struct sbx_outcome *outcome = &run->outcome;
	const struct sbx_limits *limits = &run->options->policy->limits;

	switch (outcome->end) {
	case SBX_END_TIMEOUT:
		outcome->status = SBX_EXIT_TIMEOUT;
		SAY(outcome, "ended after its time limit of %g s (limits.wall_time)",
		    (double)limits->wall_time_ms / 1000);
		break;
	case SBX_END_OOM:
		SAY(outcome, "ended by its memory limit of %llu bytes (limits.memory)",
		    limits->memory);
		break;
	case SBX_END_LIMIT:
		SAY(outcome, "a process met the limit limits.%s: %llu",
		    sbx_limit_name(outcome->limit), sbx_limit_value(limits, outcome->limit));
		break;
	case SBX_END_VIOLATIONS:
		SAY(outcome, "ended after %llu refusals (limits.violations: %llu)",
		    run->counters.refused, limits->violations);
		break;
	case SBX_END_GUARD:
		SAY(outcome, "killed by a guard of the policy");
		break;
	case SBX_END_QUARANTINE:
		SAY(outcome, "put under quarantine by a guard of the policy");
		break;
	case SBX_END_SECCOMP:
		explain_seccomp(run);
		break;
	case SBX_END_CANCELLED:
		SAY(outcome, "ended on request");
		break;
	default:
		break;
	}
}

/* The rlimit of this policy that a death by the signal tells of; SBX_LIMIT_MAX_: none. */
static enum sbx_limit limit_of(const struct sbx_run *run, int sig)
{
	enum sbx_limit limit = sbx_rlimit_of_signal(sig);

	if (limit < SBX_LIMIT_MAX_ &&
	    sbx_limit_value(&run->options->policy->limits, limit) != SBX_LIMIT_NONE)
		return limit;
	return SBX_LIMIT_MAX_;
}

/* A limit of single processes, or the disk budget, which ends who stores beyond it. */
static void decide_limit(struct sbx_run *run, int sig)
{
	enum sbx_limit limit = limit_of(run, sig);

	if (sig == SIGKILL && run->counters.disk_killed)
		limit = SBX_LIMIT_DISK_WRITE;
	if (limit == SBX_LIMIT_MAX_)
		return;
	run->outcome.end = SBX_END_LIMIT;
	run->outcome.limit = limit;
}

void sbx_outcome_decide(struct sbx_run *run, int code, int status)
{
	struct sbx_outcome *outcome = &run->outcome;
	bool by_us = outcome->end != 0; /* supervision killed it for this reason */

	if (outcome->report.stage) {
		decide_not_run(run);
		return;
	}
	if (code == CLD_EXITED) {
		outcome->status = status & 0xff;
		if (!by_us)
			outcome->end = SBX_END_EXITED;
	} else {
		outcome->signal = status;
		outcome->status = SBX_EXIT_SIGNAL + status;
		if (!by_us)
			outcome->end = SBX_END_SIGNALED;
	}
	if (!by_us && run->counters.quarantined)
		outcome->end = SBX_END_QUARANTINE;
	else if (outcome->end == SBX_END_SIGNALED && status == SIGKILL && run->guard_killed)
		outcome->end = SBX_END_GUARD;
	else if (outcome->end == SBX_END_SIGNALED && status == SIGKILL && run->figures.oom_kills)
		outcome->end = SBX_END_OOM;
	else if (outcome->end == SBX_END_SIGNALED && status == SIGSYS && run->filter.kills)
		outcome->end = SBX_END_SECCOMP;
	else if (outcome->end == SBX_END_SIGNALED)
		decide_limit(run, status);
	explain(run);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The result object: what a run came to, for machines; and its way to a file or descriptor.
 * One shape in every case, so a reader needs no special cases; what is not known is null.
 * Times are seconds, sizes are bytes.  "?" marks what may be null; every other key is there.
 *
 *  {
 *    "schema": "sbx-bpf/result/1",
 *    "job": "strict-4711"?,              null: it failed before it had a name
 *    "success": true,                    reason is "exited" and status is 0
 *    "exit": {
 *      "status": 0,                      what `sbx-bpf run` exits with: 0 to 255
 *      "reason": "exited",               exited signaled timeout oom limit violations guard
 *                                        quarantine seccomp cancelled cannot-exec not-found setup
 *      "signal": "SIGKILL"?,             the signal that ended the command
 *      "syscall": "ptrace"?,             that the command died of (reason seccomp)
 *      "message": "the policy ..."?      for people: why it did not run, or was ended
 *    },
 *    "isolation": {                      the mechanism that enforced it, or "none"
 *      "mode": "enforce",                enforce audit
 *      "files": "lsm", "exec": "lsm", "network": "lsm+cgroup", "guards": "lsm",
 *      "limits": "cgroup2", "syscalls": "seccomp", "namespaces": "pid,ipc,mount",
 *      "not_enforced": []                what the policy says and nothing enforces
 *    },
 *    "metrics": {
 *      "setup_seconds": 0.004, "run_seconds": 1.5, "cleanup_seconds": 0.002,
 *      "cpu_user_seconds": 0.9?, "cpu_system_seconds": 0.1?,
 *      "cpu_throttled_seconds": 0.0?,    held back by limits.cpu
 *      "memory_peak_bytes": 1048576?, "memory_now_bytes": 4096?,   now: when the command ended
 *      "pids_peak": 4?,
 *      "disk_read_bytes": 0?, "disk_write_bytes": 0?,
 *      "network": {                      null: the job was never bound
 *        "egress": {                     IP packets as on the wire, heads included; ingress: alike
 *          "bytes": 5200, "packets": 42, "dropped_bytes": 0, "dropped_packets": 0,   by the limit
 *          "loopback_bytes": 0, "loopback_packets": 0,   not part of the above, and not limited
 *          "limit": 10000000?            bits a second
 *        },
 *        "destinations": [               the 20 with most bytes, both ways together
 *          {"address": "192.0.2.1", "port": 443, "protocol": "tcp", "domain": "example.com"?,
 *           "egress_bytes": 5200, "egress_packets": 42, "ingress_bytes": 0, "ingress_packets": 0}
 *        ],
 *        "destinations_known": 1,        that are counted one by one, at most 512
 *        "overflow": {"egress_bytes": 0, ...}   the same four: of all others together
 *      }?,
 *      "violations": 3,                  all refusals (mode audit: what would be refused)
 *      "escapes": {"ptrace": 1},         attempts by guard; guards without one are left out
 *      "skipped": 0,                     times that the kernel did not call a program of ours
 *      "events": {"lines": 2, "lost": 0, "limited": 1, "write_errors": 0,
 *                 "sinks": [{"sink": "syslog", "lines": 4, "lost": 0}]}
 *    },
 *    "limits": {                         those that the policy sets: memory swap (bytes), cpu
 *                                        (percent), pids, cpuset ("0-3,6"), io (an array of
 *                                        disks: path, device, and what is set of read write
 *                                        read_ops write_ops), wall_time (seconds), violations,
 *                                        cpu_time (seconds), address_space file_size core stack
 *                                        (bytes), open_files processes: these for each process
 *      "memory": {"value": 536870912, "peak": 1048576?, "hit": false?, "kept": true?}
 *    },                                  hit null: cannot be known (cpuset, io); kept false: at
 *                                        the end it was not, or no longer, in force
 *    "changes": {                        null but for root: {overlay: diff}
 *      "added": ["/etc/new"], "changed": ["/etc/passwd"], "removed": [], "truncated": false
 *    }?,
 *    "provenance": {
 *      "policy": "strict"?, "policy_sha256": "<64 hex>"?, "command": ["sh", "-c", "..."],
 *                                        bytes that are no text are shown as \xNN
 *      "log": "/var/lib/sbx-bpf/log/strict-4711.jsonl"?, "log_head_sha256": "<64 hex>"?
 *    }
 *  }
 *
 * log is null, too, when a default log was removed because nothing was refused.  log_head_sha256
 * is the hash of the log's end record.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sigabbrev_np */
#endif
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "audit/json.h"
#include "job/parts.h"
#include "lib/buf.h"
#include "lib/cleanup.h"

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value); /* a failure shows when the text is made */
}

static json_t *number(__u64 value)
{
	return json_integer((json_int_t)value);
}

/* For figures that are 0 exactly when the kernel does not have them. */
static json_t *known(__u64 value)
{
	return value ? number(value) : json_null();
}

static json_t *seconds(__u64 from_us, __u64 to_us)
{
	return json_real(to_us > from_us && from_us ? (double)(to_us - from_us) / 1e6 : 0.0);
}

json_t *sbx_result_text(const char *bytes)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };

	if (!bytes || !*bytes)
		return json_null();
	if (sbx_text_plain(bytes, strlen(bytes)))
		return json_string(bytes);
	sbx_text_safe(&buf, bytes, strlen(bytes));
	return buf.error ? json_null() : json_string(buf.text);
}

static json_t *build_exit(const struct sbx_run *run)
{
	const struct sbx_outcome *outcome = &run->outcome;
	sbx_cleanup(sbx_freep) char *call = sbx_outcome_syscall(run);
	json_t *exit = json_object();
	const char *abbreviation = outcome->signal ? sigabbrev_np(outcome->signal) : NULL;

	put(exit, "status", number((__u64)outcome->status));
	put(exit, "reason", json_string(sbx_end_to_str(outcome->end)));
	if (abbreviation)
		put(exit, "signal", json_sprintf("SIG%s", abbreviation));
	else if (outcome->signal)
		put(exit, "signal", json_sprintf("SIG%d", outcome->signal));
	else
		put(exit, "signal", json_null());
	put(exit, "syscall", call ? json_string(call) : json_null());
	put(exit, "message", sbx_result_text(outcome->message));
	return exit;
}

json_t *sbx_result_escapes(const struct sbx_job_state *counters)
{
	json_t *escapes = json_object();

	for (unsigned int guard = 1; guard < SBX_GUARD_MAX_; guard++) {
		if (counters->escapes[guard])
			put(escapes, sbx_guard_to_str(guard), number(counters->escapes[guard]));
	}
	return escapes;
}

void sbx_run_log_facts(const struct sbx_run *run, struct sbx_log_facts *facts)
{
	if (!run->log)
		return;
	sbx_audit_counts(run->log, &facts->counts);
	facts->write_errors = sbx_audit_write_errors(run->log);
	(void)snprintf(facts->head, sizeof(facts->head), "%s", sbx_audit_head(run->log));
}

static json_t *build_events(const struct sbx_run *run)
{
	struct sbx_log_facts facts = run->facts;
	json_t *events = json_object();

	sbx_run_log_facts(run, &facts);
	put(events, "lines", number(facts.counts.lines));
	put(events, "lost", number(facts.counts.lost));
	put(events, "limited", number(facts.counts.limited));
	put(events, "write_errors", number(facts.write_errors));
	put(events, "sinks", run->log ? sbx_audit_sinks(run->log) : json_array());
	return events;
}

static json_t *build_metrics(const struct sbx_run *run)
{
	const struct sbx_cgroup_figures *figures = &run->figures;
	__u64 setup_end = run->exec_us ? run->exec_us : run->end_us;
	bool ran = run->exec_us != 0;
	json_t *metrics = json_object();

	put(metrics, "setup_seconds", seconds(run->start_us, setup_end));
	put(metrics, "run_seconds", seconds(run->exec_us, run->end_us));
	put(metrics, "cleanup_seconds", seconds(run->end_us, sbx_now_us()));
	put(metrics, "cpu_user_seconds",
	    ran ? json_real((double)figures->cpu_user_us / 1e6) : json_null());
	put(metrics, "cpu_system_seconds",
	    ran ? json_real((double)figures->cpu_system_us / 1e6) : json_null());
	put(metrics, "cpu_throttled_seconds",
	    ran ? json_real((double)figures->cpu_throttled_us / 1e6) : json_null());
	put(metrics, "memory_peak_bytes", known(figures->memory_peak));
	put(metrics, "memory_now_bytes", known(figures->memory_now));
	put(metrics, "pids_peak", known(figures->pids_peak));
	put(metrics, "disk_read_bytes",
	    figures->has_io ? number(figures->read_bytes) : json_null());
	put(metrics, "disk_write_bytes",
	    figures->has_io ? number(figures->write_bytes) : json_null());
	put(metrics, "network", run->network ? json_incref(run->network) : json_null());
	put(metrics, "violations", number(run->counters.refused));
	put(metrics, "escapes", sbx_result_escapes(&run->counters));
	put(metrics, "skipped", number(run->skipped));
	put(metrics, "events", build_events(run));
	return metrics;
}

static json_t *build_io(const struct sbx_run *run)
{
	static const char *const keys[SBX_IO_KINDS_] = { "read", "write", "read_ops", "write_ops" };
	const struct sbx_limits *limits = &run->options->policy->limits;
	json_t *disks = json_array();

	for (size_t i = 0; i < limits->n_io; i++) {
		json_t *disk = json_object();

		put(disk, "path", sbx_result_text(limits->io[i].path));
		put(disk, "device",
		    json_sprintf("%u:%u", run->cgroup.io[i].major, run->cgroup.io[i].minor));
		for (int kind = 0; kind < SBX_IO_KINDS_; kind++) {
			if (limits->io[i].values[kind] != SBX_LIMIT_NONE)
				put(disk, keys[kind], number(limits->io[i].values[kind]));
		}
		(void)json_array_append_new(disks, disk); /* a failure shows in the text */
	}
	return disks;
}

static json_t *build_value(const struct sbx_run *run, enum sbx_limit limit, __u64 value)
{
	if (limit == SBX_LIMIT_WALL_TIME)
		return json_real((double)value / 1000);
	if (limit == SBX_LIMIT_CPUSET)
		return json_string(run->options->policy->limits.cpuset);
	return limit == SBX_LIMIT_IO ? build_io(run) : number(value);
}

static json_t *build_limit(const struct sbx_run *run, enum sbx_limit limit, __u64 value)
{
	const struct sbx_cgroup_figures *figures = &run->figures;
	enum sbx_end end = run->outcome.end;
	json_t *object = json_object();
	json_t *peak = json_null();
	bool hit = false;
	bool known_hit = true;

	switch (limit) {
	case SBX_LIMIT_MEMORY:
		peak = known(figures->memory_peak);
		hit = figures->oom_kills > 0;
		break;
	case SBX_LIMIT_SWAP:
		peak = known(figures->swap_peak);
		hit = figures->swap_hits > 0;
		break;
	case SBX_LIMIT_CPU:
		hit = figures->cpu_throttled > 0;
		break;
	case SBX_LIMIT_PIDS:
		peak = known(figures->pids_peak);
		hit = figures->pids_max_hits > 0;
		break;
	case SBX_LIMIT_WALL_TIME:
		peak = seconds(run->exec_us, run->end_us);
		hit = end == SBX_END_TIMEOUT;
		break;
	case SBX_LIMIT_VIOLATIONS:
		peak = number(run->counters.refused);
		hit = run->counters.refused >= value;
		break;
	case SBX_LIMIT_DISK_WRITE:
		peak = number(run->counters.disk_used);
		hit = run->counters.disk_refused || run->counters.disk_killed;
		break;
	case SBX_LIMIT_CPUSET:
	case SBX_LIMIT_IO: /* the kernel does not tell */
		known_hit = false;
		break;
	default:
		hit = end == SBX_END_LIMIT && run->outcome.limit == limit;
		break;
	}
	put(object, "value", build_value(run, limit, value));
	put(object, "peak", peak);
	put(object, "hit", known_hit ? json_boolean(hit) : json_null());
	put(object, "kept",
	    limit >= SBX_LIMIT_CPU_TIME
		    ? json_null()
		    : json_boolean(!(run->outcome.lost_limits & (1u << limit))));
	return object;
}

static json_t *build_limits(const struct sbx_run *run)
{
	const struct sbx_policy *policy = run->options->policy;
	json_t *limits = json_object();

	for (enum sbx_limit limit = 0; policy && limit < SBX_LIMIT_MAX_; limit++) {
		__u64 value = sbx_limit_value(&policy->limits, limit);

		/* That no core file is written is what holds for every job. */
		if (value != SBX_LIMIT_NONE && (limit != SBX_LIMIT_CORE || value))
			put(limits, sbx_limit_name(limit), build_limit(run, limit, value));
	}
	return limits;
}

static json_t *build_provenance(const struct sbx_run *run)
{
	const struct sbx_policy *policy = run->options->policy;
	json_t *provenance = json_object();
	struct sbx_log_facts facts = run->facts;
	json_t *command = json_array();

	sbx_run_log_facts(run, &facts);
	for (char *const *arg = run->options->argv; arg && *arg; arg++)
		(void)json_array_append_new(command,
					    **arg ? sbx_result_text(*arg) : json_string(""));
	put(provenance, "policy", sbx_result_text(policy ? policy->name : NULL));
	put(provenance, "policy_sha256", sbx_result_text(policy ? policy->sha256 : NULL));
	put(provenance, "command", command);
	put(provenance, "log", sbx_result_text(run->log_path));
	put(provenance, "log_head_sha256", sbx_result_text(*run->log_path ? facts.head : NULL));
	return provenance;
}

json_t *sbx_result_build(const struct sbx_run *run)
{
	const struct sbx_outcome *outcome = &run->outcome;
	json_t *result = json_object();

	put(result, "schema", json_string(SBX_RESULT_SCHEMA));
	put(result, "job", sbx_result_text(run->name));
	put(result, "success", json_boolean(outcome->end == SBX_END_EXITED && !outcome->status));
	put(result, "exit", build_exit(run));
	put(result, "isolation",
	    run->isolation ? json_incref(run->isolation) : sbx_isolation_build(run));
	put(result, "metrics", build_metrics(run));
	put(result, "limits", build_limits(run));
	put(result, "changes", run->changes ? json_incref(run->changes) : json_null());
	put(result, "provenance", build_provenance(run));
	return result;
}

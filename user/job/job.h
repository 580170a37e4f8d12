/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One job from its cgroup to its result.  Knows the engine and the audit log through their
 * headers only; commands know nothing below this.
 */
#ifndef SBX_JOB_H
#define SBX_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "audit/audit.h"
#include "engine/engine.h"
#include "lib/error.h"
#include "policy/compile.h"

/* Exit status of `run`, the same for every verb where it applies (design: exit status). */
enum sbx_exit {
	SBX_EXIT_OK = 0,
	SBX_EXIT_TIMEOUT = 124,
	SBX_EXIT_FAILURE = 125, /* sbx-bpf itself failed; the command did not run */
	SBX_EXIT_CANNOT_EXEC = 126,
	SBX_EXIT_NOT_FOUND = 127,
	SBX_EXIT_SIGNAL = 128, /* + the signal's number */
};

/* How a job ended. */
enum sbx_end {
	SBX_END_EXITED = 1,
	SBX_END_SIGNALED,
	SBX_END_TIMEOUT,
	SBX_END_OOM,	    /* killed by the memory limit */
	SBX_END_LIMIT,	    /* by the signal of an rlimit: limits.cpu_time, limits.file_size */
	SBX_END_VIOLATIONS, /* limits.violations was reached */
	SBX_END_GUARD,	    /* a guard killed the command */
	SBX_END_QUARANTINE,
	SBX_END_SECCOMP,   /* SIGSYS: a call that process.seccomp, or a guard by it, kills for */
	SBX_END_CANCELLED, /* sbx-bpf was told to stop (TERM, INT, HUP twice) */
	SBX_END_CANNOT_EXEC,
	SBX_END_NOT_FOUND,
	SBX_END_SETUP, /* a step before exec failed */
};

/* A job's cgroup; see cgroup.c. */
/* CLOCK_BOOTTIME: wall time that goes on while the machine sleeps. */
__u64 sbx_now_us(void);
__u64 sbx_now_ms(void);

/* A disk as the kernel numbers it. */
struct sbx_io_device {
	unsigned int major;
	unsigned int minor;
};

struct sbx_cgroup {
	char path[512];			     /* absolute */
	int fd;				     /* directory, O_PATH; -1 when closed */
	struct sbx_io_device io[SBX_IO_MAX]; /* of limits.io, once they are set */
};

struct sbx_cgroup_figures {
	__u64 memory_peak; /* bytes; 0 where the kernel has no memory.peak (before 5.19) */
	__u64 memory_now;
	__u64 pids_peak; /* 0 where the kernel has no pids.peak */
	__u64 cpu_user_us;
	__u64 cpu_system_us;
	__u64 oom_kills;
	__u64 pids_max_hits;
	__u64 swap_peak;	/* bytes; 0 where the kernel has no memory.swap.peak (before 6.5) */
	__u64 swap_hits;	/* times that its limit was met */
	__u64 cpu_throttled;	/* periods in which the cpu limit held the job back ... */
	__u64 cpu_throttled_us; /* ... and for how long in all */
	__u64 read_bytes;
	__u64 write_bytes;
	bool has_io; /* the two above are known */
};

/* Makes `<root>/<name>` (root is made, too, and its controllers enabled). -EEXIST: name taken. */
int sbx_cgroup_create(const char *root, const char *name, struct sbx_cgroup *ret_cgroup,
		      struct sbx_error *err);
/* Writes the limits; a controller that is missing for a limit that is set is an error (-ENOTSUP).
 */
int sbx_cgroup_limit(struct sbx_cgroup *cgroup, const struct sbx_limits *limits,
		     struct sbx_error *err);
int sbx_cgroup_figures(const struct sbx_cgroup *cgroup, struct sbx_cgroup_figures *ret_figures);
/* The whole disk below a path, or the error that says why there is none. */
int sbx_io_device(const char *path, struct sbx_io_device *ret_device, struct sbx_error *err);
/* Until the tree is killed, ms: wall_time and its grace; SBX_LIMIT_NONE: no limit. */
__u64 sbx_wall_time(const struct sbx_limits *limits);
/* To every process that is in the cgroup itself now. */
void sbx_cgroup_signal(const struct sbx_cgroup *cgroup, int sig);
/* cgroup.kill on the subtree, then waits (at most `timeout_ms`) until it is empty. */
int sbx_cgroup_kill(const struct sbx_cgroup *cgroup, int timeout_ms);
/* Removes the cgroup and its (empty) children. */
int sbx_cgroup_remove(struct sbx_cgroup *cgroup);

struct sbx_run_options {
	const char *name;  /* of the job; NULL: made from the policy's name and the pid */
	char *const *argv; /* the command, NULL-terminated */
	const struct sbx_policy *policy;
	const struct sbx_compiled *compiled;
	const char *audit_path;	 /* NULL: <state dir>/<job>.jsonl */
	const char *result_path; /* "FILE" or "fd:N"; NULL: none */
	struct sbx_pty *pty;	 /* of sbx_job_open_pty; NULL: none yet */
	bool quiet;		 /* no summary */
	bool keep_log;		 /* false: a default log without refusals is removed */
	const char *outer;	 /* of sbx_job_outer: no engine then; NULL: not in a job */
	bool keep;		 /* the job's supervisor in the background (sbx_job_keep) */
	int ready_fd;		 /* then: who waits for the job to be made */
};

struct sbx_run_result {
	enum sbx_end end;
	int exit_status;    /* for the caller's own exit */
	json_t *json;	    /* owned by the caller; NULL on early failure */
	char message[2048]; /* why it was not run, or was ended: for one line on stderr; or "" */
};

/*
 * Refuses descriptors 0 to 2 and kept ones that are no terminal, pipe, file or Unix socket: the
 * job's network rules do not meet an internet socket that was made outside.  -EINVAL, -EBADF.
 */
int sbx_job_check_descriptors(const struct sbx_policy *policy, struct sbx_error *err);

/*
 * For process.pty, before sbx_job_add_rules: opens the job's terminal where that is one of the
 * host's, so that a rule can name it.  Does nothing for other policies.
 */
struct sbx_pty;
int sbx_job_open_pty(struct sbx_policy *policy, struct sbx_pty **ret_pty, struct sbx_error *err);
void sbx_pty_free(struct sbx_pty *pty);

/* The home of the policy's user.  -ENOENT: it names none, or the user has no entry. */
int sbx_job_home(const struct sbx_policy *policy, char *buf, size_t size);

/*
 * Hashes the programs that the policy pins and notes which files they are in `compiled`, for the
 * bind that follows.  -EBADMSG: another digest; else why a file cannot be hashed; `err` names it.
 */
int sbx_job_hash_programs(struct sbx_engine *engine, struct sbx_compiled *compiled,
			  struct sbx_error *err);

/*
 * Adds the launcher's own rules before the policy is compiled: what descriptors 0 to 2 and kept
 * ones refer to may be opened again; the policy's files, the log, the result and the state of
 * sbx-bpf may not be changed.  Paths may be NULL.  `kept`: descriptors come later, and stand for
 * nothing.
 */
int sbx_job_add_rules(struct sbx_policy *policy, const char *audit_path, const char *result_path,
		      bool kept, struct sbx_error *err);

/*
 * For a policy with domains or `dns`: the servers and search suffixes of /etc/resolv.conf, and
 * denies for the sockets of the host's own resolvers.  0 or a negative errno with `err`.
 */
int sbx_job_add_resolvers(struct sbx_policy *policy, struct sbx_error *err);

/*
 * An sbx_resolve_fn: symbolic links of the longest existing prefix, on this host.  `ctx`: a
 * resolver, which remembers the directories it has seen; a policy has hundreds of paths in few
 * directories, most of them missing.  NULL: nothing is remembered.  `policy` (may be NULL) must
 * outlive it: below its private directories there is nothing of this host.  `workdir`: the
 * command's, which is there even so.  sbx_resolver_new gives NULL without memory: a fault.
 */
struct sbx_resolver;
struct sbx_resolver *sbx_resolver_new(const struct sbx_policy *policy, const char *workdir);
void sbx_resolver_free(struct sbx_resolver *resolver);
int sbx_job_resolve(const char *path, char *out, size_t size, void *ctx);

/*
 * For a failure before sbx_job_run: writes a result with reason "setup" where one was asked for
 * (options->policy and ->name may be NULL).  Errors are logged: there is one already.
 */
void sbx_job_report_failure(const struct sbx_run_options *options, const struct sbx_error *why);

/*
 * Runs one job to its end, supervises it, writes log and result, cleans up.
 * Returns 0 with the result, or a negative errno with `err` when the command never ran
 * (exit status 125); leftovers are removed either way.
 */
int sbx_job_run(struct sbx_engine *engine, const struct sbx_run_options *options,
		struct sbx_run_result *ret_result, struct sbx_error *err);

/*
 * True when this process is in a job itself: its name.  sbx_job_run with it as options->outer, and
 * no engine, adds to the outer job what Landlock and seccomp can, and tells what they cannot.
 */
bool sbx_job_outer(char *buf, size_t size);

/*
 * Makes a job that is there until it is told to end: `options` as for sbx_job_run, of which argv
 * (may be empty) only stands in the log.  A process in the background supervises it.  `ret_name`:
 * SBX_JOB_NAME_SIZE bytes.  -ENOTSUP: the policy has what a kept job cannot have.
 */
#define SBX_JOB_NAME_SIZE 64
int sbx_job_keep(struct sbx_engine *engine, const struct sbx_run_options *options, char *ret_name,
		 struct sbx_error *err);

/*
 * Runs one more command in a job, kept or running, with this process's descriptors 0 to 2 and
 * environment; signals are forwarded.  As sbx_job_run; -ENOENT: there is no such job.
 */
int sbx_job_exec(const char *job, char *const *argv, const char *result_path,
		 struct sbx_run_result *ret_result, struct sbx_error *err);

/*
 * Ends a job and waits until it is cleaned up: its commands get SIGTERM, and `grace_ms` later they
 * are killed.  -ENOENT: there is no such job.
 */
int sbx_job_stop(const char *job, int grace_ms, struct sbx_error *err);

/*
 * Ends and removes what killed launchers left behind: jobs whose launcher is gone.
 * `engine` may be NULL where none can be had: cgroups and records are cleaned up all the same.
 * Returns how many, or a negative errno.
 */
int sbx_job_gc(struct sbx_engine *engine, struct sbx_error *err);

/* A job as `ps` shows it. */
struct sbx_job_info {
	const char *name;
	pid_t launcher;
	bool alive; /* its launcher or watchdog lives; false: `gc` will remove it */
	bool kept;  /* it goes on without a command */
	bool busy;  /* processes are in it */
	struct sbx_binding binding;
	const char *cgroup;
};
typedef int (*sbx_job_info_fn)(const struct sbx_job_info *info, void *ctx);

/* Calls fn for each job on record; its first answer other than 0 ends the walk. */
int sbx_job_each(sbx_job_info_fn fn, void *ctx);

/*
 * What the kernel has counted for the job so far (new reference): name, job, alive, violations,
 * escapes, lost, limited, quarantined, network.  NULL: this engine has no such job.
 */
json_t *sbx_job_stats(struct sbx_engine *engine, const struct sbx_job_info *info);

/* The job's traffic as result and `stats` show it (new reference); NULL: it cannot be read. */
json_t *sbx_traffic_build(struct sbx_engine *engine, const struct sbx_binding *binding);

/* Ends every job of this engine (for `unload --force`). */
int sbx_job_end_all(struct sbx_engine *engine, struct sbx_error *err);

#endif /* SBX_JOB_H */

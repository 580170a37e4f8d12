/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share, and nobody else includes: the pieces of one run.
 * Order of a run, each undone by the one that holds it: state, cgroup, binding, ring, log,
 * watchdog, child.  run.c is the only file that knows the order.
 */
#ifndef SBX_JOB_PARTS_H
#define SBX_JOB_PARTS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#include "job/job.h"
#include "job/landlock.h"
#include "job/seccomp.h"

#define SBX_NAME_MAX 63	 /* of a job: fits a cgroup's name, a file's name, a host name */
#define SBX_KILL_MS 5000 /* a killed tree that is not empty by then is stuck in the kernel */
#define SBX_WATCHDOG_SLACK_MS 2000 /* the launcher ends a job in time; later it is stuck */

/* --- cgroup.c, limits.c ------------------------------------------------------------------ */

/* One small control file into `buf`, terminated; length or negative errno. */
int sbx_cgroup_read(int dir_fd, const char *file, char *buf, size_t size);
int sbx_cgroup_write(int dir_fd, const char *file, const char *text);

/* The number after `key` in the lines of `text` ("user_usec 12"); false: no such line. */
bool sbx_cgroup_key(const char *text, const char *key, __u64 *ret_value);

/* Processes are in the cgroup or below; an unreadable cgroup counts as empty (it is gone). */
bool sbx_cgroup_populated(const struct sbx_cgroup *cgroup);

/* Opens an existing cgroup by its path. -ENOENT: it is gone. */
int sbx_cgroup_open(const char *path, struct sbx_cgroup *ret_cgroup);
void sbx_cgroup_close(struct sbx_cgroup *cgroup);

enum sbx_limit {
	SBX_LIMIT_MEMORY,
	SBX_LIMIT_SWAP,
	SBX_LIMIT_CPU,
	SBX_LIMIT_PIDS,
	SBX_LIMIT_CPUSET,
	SBX_LIMIT_IO, /* up to here: the cgroup's */
	SBX_LIMIT_WALL_TIME,
	SBX_LIMIT_VIOLATIONS,
	SBX_LIMIT_DISK_WRITE,
	SBX_LIMIT_CPU_TIME, /* this and what follows: rlimits.c */
	SBX_LIMIT_ADDRESS_SPACE,
	SBX_LIMIT_FILE_SIZE,
	SBX_LIMIT_OPEN_FILES,
	SBX_LIMIT_PROCESSES,
	SBX_LIMIT_CORE,
	SBX_LIMIT_STACK,
	SBX_LIMIT_MAX_,
};
const char *sbx_limit_name(enum sbx_limit limit); /* the policy's key: "wall_time" */
/* SBX_LIMIT_NONE: not set; of cpuset and io any other value, as they have no single number. */
__u64 sbx_limit_value(const struct sbx_limits *limits, enum sbx_limit limit);

/* Reads the limits back: bit n of the answer is set when limit n is set but not in force. */
unsigned int sbx_cgroup_lost_limits(const struct sbx_cgroup *cgroup,
				    const struct sbx_limits *limits);

/* --- state.c: what gc needs to know about a job ------------------------------------------ */

struct sbx_state {
	char name[SBX_NAME_MAX + 1];
	int dir_fd; /* locked while its launcher or its watchdog lives; -1: none */
	pid_t launcher;
	__u64 launcher_start; /* field 22 of /proc/PID/stat */
	char cgroup[512];
	bool kept;		    /* it goes on without a command */
	struct sbx_binding binding; /* all 0 before the bind */
};

/* 0, or -EINVAL with the rule for names in `err`. */
int sbx_state_check_name(const char *name, struct sbx_error *err);

/* Where jobs are recorded ("/run/sbx-bpf/jobs") and logs are kept; tests set others. */
void sbx_state_set_dirs(const char *jobs, const char *logs);
const char *sbx_state_jobs_dir(void);
const char *sbx_state_logs_dir(void);

/* Takes a name: its directory, lock and record. -EEXIST: a living job has it; -ESTALE: a dead one
 * (the caller cleans up and tries again). */
int sbx_state_create(const char *name, const char *cgroup_path, bool kept,
		     struct sbx_state *ret_state, struct sbx_error *err);
/* Adds the binding to the record. */
int sbx_state_bound(struct sbx_state *state, const struct sbx_binding *binding);
/* Takes over the record of a job whose launcher and watchdog are gone. -EBUSY: they live. */
int sbx_state_adopt(const char *name, struct sbx_state *ret_state);
/* Reads a record without taking it; `ret_alive` tells whether its launcher or watchdog lives. */
int sbx_state_look(const char *name, struct sbx_state *ret_state, bool *ret_alive);
/* Removes the record and lets go of the lock. */
void sbx_state_remove(struct sbx_state *state);
void sbx_state_close(struct sbx_state *state);

/* Field 22 of /proc/PID/stat: with the number it names a process for good; 0: it is gone. */
__u64 sbx_process_start(pid_t pid);

/* Calls fn for each recorded name; its first answer other than 0 ends the walk. */
int sbx_state_each(int (*fn)(const char *name, void *ctx), void *ctx);

/* The default log's path; makes its directory (0700). */
int sbx_state_log_path(const char *name, char *buf, size_t size, struct sbx_error *err);

/* --- tasks.c: ending a job's tasks, wherever they are ------------------------------------- */

/* Kills until no task names the job, at most `timeout_ms`; -ETIMEDOUT: some are stuck. */
int sbx_tasks_end(struct sbx_engine *engine, __u64 job, int timeout_ms);

/* Kills, releases and removes one job; what is already gone is no error. */
int sbx_tasks_clean(struct sbx_engine *engine, const struct sbx_binding *binding,
		    const char *cgroup_path);

/* --- gc.c: what a run does about others that were killed: records only, the cheap part. */
void sbx_gc_records(struct sbx_engine *engine);

/* --- rlimits.c ----------------------------------------------------------------------------- */

/* In the child.  0, or an errno and which limit could not be set. */
int sbx_rlimits_apply(const struct sbx_limits *limits, enum sbx_limit *ret_failed);
/* In the child: takes away what the caller may do to its priority without a privilege.  0 or errno.
 */
int sbx_rlimits_drop_priority(void);
/* The limit that a process met which died of this signal; SBX_LIMIT_MAX_: none. */
enum sbx_limit sbx_rlimit_of_signal(int sig);

/* --- identity.c ---------------------------------------------------------------------------- */

struct sbx_identity {
	bool change; /* the policy names a user or groups */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary ones */
	size_t n_groups;
	char name[65];	 /* "" where the number has no entry */
	char home[4096]; /* the same */
};

/* Looks the policy's names up on this host. -ENOENT: there is no such; free what it returns. */
int sbx_identity_find(const struct sbx_policy *policy, struct sbx_identity *ret_identity,
		      struct sbx_error *err);
/* An id of the job's user namespace as the host sees it. */
unsigned int sbx_id_outside(const struct sbx_process *process, unsigned int id);
void sbx_identity_free(struct sbx_identity *identity);
/* In the child, as root.  0 or an errno. */
int sbx_identity_apply(const struct sbx_identity *identity, const struct sbx_process *process);

/* --- env.c -------------------------------------------------------------------------------- */

/*
 * The command's environment: policy, caller's `environ`, and SBX_BPF*. Free with sbx_env_free.
 * `identity` (may be NULL): whose HOME, USER and LOGNAME stand in for the caller's.
 */
int sbx_env_build(const struct sbx_process *process, const struct sbx_identity *identity,
		  char *const *caller, const char *job, const char *policy, char ***ret_env);
void sbx_env_free(char **env);
const char *sbx_env_get(char *const *env, const char *name);

/* --- keeper.c, namespaces.c, mounts.c, devices.c: what the job sees of the host ------------- */

struct sbx_keeper {
	pid_t pid; /* 0: the job has no namespaces of its own */
	int pid_fd;
	int status_fd; /* its report; -1 once that was read */
	int time_fd;   /* the time namespace; -1: none */
};

/* What the keeper is to make. */
struct sbx_keep {
	const struct sbx_policy *policy;
	unsigned int namespaces; /* bits SBX_NS_*; not 0 */
	const char *workdir;	 /* of the command; absolute */
	unsigned int uid;	 /* the job's user, as the host sees it */
	unsigned int gid;
};

/* Starts it; it works while the launcher goes on. */
int sbx_keeper_start(const struct sbx_keep *what, struct sbx_keeper *ret_keeper,
		     struct sbx_error *err);
/* Waits until everything is made. The error names the stage and its object. */
int sbx_keeper_wait(struct sbx_keeper *keeper, const struct sbx_policy *policy,
		    struct sbx_error *err);
/* The number of the IPC namespace that the job has for itself, from the start on; 0: none. */
__u32 sbx_keeper_ipc(const struct sbx_keeper *keeper, const struct sbx_policy *policy);
/* Ends it, and with it what is left in its pid namespace. Without one: nothing. */
void sbx_keeper_stop(struct sbx_keeper *keeper);

/* In the keeper; 0 or an errno. */
int sbx_loopback_up(void);
int sbx_clocks_from_zero(void);
int sbx_devices_make(void); /* a tmpfs on /dev */
/* Puts together and enters a root that is an image or an overlay; `object` as below. */
int sbx_root_make(const struct sbx_root *root, char *object, size_t size);
bool sbx_root_is_new(const struct sbx_root *root);
/* `object`: the path that a failure is about, or "". */
int sbx_mounts_make(const struct sbx_keep *what, char *object, size_t size);

/* Under which name the upper directory of a mount is kept: "/a" is "%2Fa". */
void sbx_upper_name(const char *path, char *buf, size_t size);
#define SBX_KEEPER_UPPER_FD 1000 /* of the keeper: the directory that holds them */
/* What the job changed there (new reference), or null where that was not asked for. */
json_t *sbx_changes_list(const struct sbx_keeper *keeper, const struct sbx_root *root);

/* In the launcher's child; 0 or an errno.  The user namespace is entered last. */
int sbx_namespaces_enter(const struct sbx_keeper *keeper, unsigned int namespaces);
int sbx_userns_enter(const struct sbx_keeper *keeper, unsigned int namespaces);

/* The launcher's next child is born in the job's pid namespace, until it is back. 0, -errno. */
int sbx_pidns_for_children(const struct sbx_keeper *keeper, unsigned int namespaces,
			   int *ret_own_fd);
int sbx_pidns_back(int *own_fd);

/* The path is, or lies in, one of the policy's private directories. */
bool sbx_path_is_private(const struct sbx_policy *policy, const char *path);
/* The same, but for a working directory there, which is put back. */
bool sbx_path_is_hidden(const struct sbx_policy *policy, const char *workdir, const char *path);

/* --- pty.c --------------------------------------------------------------------------------- */

struct sbx_pty_buffer {
	char bytes[4096]; /* what a pipe takes at once when poll says so */
	size_t len;
};

struct sbx_pty {
	int fd;	       /* the master; -1: none */
	int peer_fd;   /* the other end */
	char path[32]; /* its name in the job's /dev */
	bool raw;      /* the caller's terminal is, and was `before` */
	bool in_ended; /* standard input has ended */
	struct termios before;
	struct sbx_pty_buffer in;  /* on its way to the job */
	struct sbx_pty_buffer out; /* on its way to standard output */
};

#define SBX_PTY_ITEMS 3
/* Opens a terminal in the /dev below `root` ("": the host's). 0 or negative errno. */
int sbx_pty_open(const char *root, struct sbx_pty *ret_pty);
void sbx_pty_resize(const struct sbx_pty *pty);
/* In the child, which leads a session: makes it its terminal, owned by the user.  0 or errno. */
int sbx_pty_enter(const char *path, unsigned int uid);
void sbx_pty_start(struct sbx_pty *pty); /* the caller's terminal hands everything on */
void sbx_pty_poll(const struct sbx_pty *pty, struct pollfd items[SBX_PTY_ITEMS]);
void sbx_pty_carry(struct sbx_pty *pty, const struct pollfd items[SBX_PTY_ITEMS]);
void sbx_pty_drain(struct sbx_pty *pty); /* what the job said last */
void sbx_pty_close(struct sbx_pty *pty);

/* --- launch.c: from clone to exec ---------------------------------------------------------- */

/* A child's steps, in their order; what a failure names. */
enum sbx_stage {
	SBX_STAGE_NONE_ = 0,
	SBX_STAGE_UTS, /* this and the next four: the keeper's */
	SBX_STAGE_NET,
	SBX_STAGE_TIME,
	SBX_STAGE_MOUNTS,
	SBX_STAGE_USERNS,
	SBX_STAGE_SESSION,
	SBX_STAGE_NAMESPACES,
	SBX_STAGE_TERMINAL,
	SBX_STAGE_RLIMIT,
	SBX_STAGE_IDENTITY,
	SBX_STAGE_WORKDIR,
	SBX_STAGE_PRIVS,
	SBX_STAGE_DESCRIPTORS,
	SBX_STAGE_FIND,
	SBX_STAGE_LANDLOCK,
	SBX_STAGE_SECCOMP,
	SBX_STAGE_JOIN,
	SBX_STAGE_EXEC,
	SBX_STAGE_MAX_,
};
const char *sbx_stage_name(unsigned int stage);
/* What to do about a failure of it, or "". */
const char *sbx_stage_cure(unsigned int stage);

/* What the child says before it dies; an exec that works closes the pipe without a word. */
struct sbx_stage_report {
	__u32 stage;	    /* enum sbx_stage; 0: nothing went wrong */
	__s32 error;	    /* errno, positive */
	char program[1024]; /* the file that PATH led to, or the command as given; of other
			     * stages: what it was about, or "" */
};

struct sbx_launch {
	char *const *argv;
	char *const *env;
	const struct sbx_process *process;
	const struct sbx_limits *limits;
	const struct sbx_identity *identity;
	const struct sbx_keeper *keeper;
	unsigned int namespaces; /* bits SBX_NS_*, made by the keeper */
	const char *workdir;	 /* NULL: stay */
	const char *terminal;	 /* of sbx_pty_open; NULL: the descriptors stay as they are */
	unsigned int uid;	 /* of the job's user, as the host sees it */
	const struct sbx_landlock *landlock; /* may be NULL, as the next */
	const struct sbx_filter *filter;     /* of system calls */
	int cgroup_fd;			     /* the job's; -1: the launcher's own (tests) */
	int join_fd;			     /* of sbx_engine_join_fd; -1: in a job */
	bool new_session;		     /* false: stay in the terminal's foreground group */
	bool keep_priority; /* the caller's right to raise its own (ulimit -r, -e) */
};

struct sbx_child {
	pid_t pid;
	int pid_fd;
	int status_fd; /* the report, then end of file */
};

int sbx_launch_start(const struct sbx_launch *launch, struct sbx_child *ret_child,
		     struct sbx_error *err);

/* --- watchdog.c ---------------------------------------------------------------------------- */

struct sbx_watchdog {
	pid_t pid; /* 0: none */
	int pid_fd;
};

struct sbx_watch {
	struct sbx_engine *engine;
	const struct sbx_binding *binding;
	struct sbx_cgroup *cgroup;
	struct sbx_state *state;
	__u64 wall_time_ms; /* SBX_LIMIT_NONE: no deadline */
};

int sbx_watchdog_start(const struct sbx_watch *watch, struct sbx_watchdog *ret_watchdog);
/* Ends it and waits for it. */
void sbx_watchdog_stop(struct sbx_watchdog *watchdog);
/*
 * Closes what the launcher was given by its caller: a reader at the other end of its output
 * must not wait for a fork of it.  What sbx-bpf opened itself is close-on-exec, and stays.
 */
void sbx_process_drop_inherited(void);
/* So that ps shows what a fork of the launcher is. `title` must live as long as the process. */
void sbx_process_rename(char *title, size_t size);

/* --- one run -------------------------------------------------------------------------------- */

/* What supervision found out; the raw material of the result. */
struct sbx_outcome {
	enum sbx_end end;
	int status; /* what `run` exits with */
	int signal; /* that ended the command; 0: none */
	struct sbx_stage_report report;
	enum sbx_limit limit;	  /* that ended it, with SBX_END_LIMIT */
	unsigned int lost_limits; /* see sbx_cgroup_lost_limits */
	char message[2048];	  /* for people, or "" */
};

/* What the log says of a run: from the log itself, or from the supervisor that has it. */
struct sbx_log_facts {
	__s32 error; /* a record could not be written: a negative errno */
	bool guard_killed;
	char denied_exec[512];
	struct sbx_audit_counts counts;
	__u64 write_errors;
	char head[65];
};

struct sbx_door;
struct sbx_command;

struct sbx_run {
	struct sbx_engine *engine;
	const struct sbx_run_options *options;
	char name[SBX_NAME_MAX + 1];
	char log_path[4096]; /* "" without a log */
	bool log_is_new;     /* the file was not there before this run */
	struct sbx_state state;
	struct sbx_cgroup cgroup;
	struct sbx_cgroup *tree;     /* of the command: `cgroup`, or one below it */
	struct sbx_door *door;	     /* for further commands; NULL: none */
	struct sbx_command *command; /* this is one; NULL: it is not */
	struct sbx_log_facts facts;  /* then without `log` */
	struct sbx_binding binding;  /* job 0: not bound */
	struct sbx_ring *ring;
	struct sbx_skips *skips; /* NULL: nothing to watch */
	__u64 skipped;		 /* programs that the kernel did not call, as often */
	struct sbx_audit_log *log;
	struct sbx_filter filter;     /* of system calls */
	struct sbx_landlock landlock; /* abi 0: not used */
	struct sbx_gaps gaps;	      /* what nothing enforces */
	json_t *isolation;	      /* NULL before it is planned */
	struct sbx_identity identity;
	char workdir[4096]; /* the policy's, or the caller's */
	struct sbx_keeper keeper;
	struct sbx_pty pty;
	json_t *changes; /* what the job changed in its root; NULL: not asked for */
	struct sbx_watchdog watchdog;
	struct sbx_child child;
	struct sbx_outcome outcome;
	struct sbx_cgroup_figures figures;
	struct sbx_job_state counters;
	json_t *network;       /* see sbx_traffic_build; NULL: not known */
	char denied_exec[512]; /* the line that refused the command's own exec, or "" */
	bool guard_killed;     /* a guard killed the command itself */
	__u64 start_us;	       /* of sbx_job_run; CLOCK_BOOTTIME */
	__u64 exec_us;	       /* the command began; 0: never */
	__u64 end_us;	       /* the command ended */
};

/* --- begin.c, run.c ------------------------------------------------------------------------- */

int sbx_run_open_terminal(struct sbx_run *run, struct sbx_error *err);
int sbx_run_launch(struct sbx_run *run, struct sbx_error *err);
/* The command is not in the launcher's process group. */
bool sbx_run_has_session(const struct sbx_run *run);
/* What the watchdog is to know. */
struct sbx_watch sbx_run_watch(struct sbx_run *run);

/* --- supervise.c ----------------------------------------------------------------------------- */

/* Signals that the launcher takes over for the time of a run, and how they were before. */
struct sbx_signals {
	sigset_t taken;
	sigset_t before;
	struct sigaction child_before;
	int fd;
};
int sbx_signals_take(struct sbx_signals *ret_signals);
void sbx_signals_give_back(struct sbx_signals *signals);

/*
 * From the clone to the death of the command and of its whole tree: forwards signals, drains the
 * ring, keeps the limits, and fills in run->outcome, run->figures and run->counters.
 */
void sbx_supervise(struct sbx_run *run, struct sbx_signals *signals);

/* For SIGHUP: true when the log had been moved away, and goes on in a new file. */
bool sbx_run_take_up_log(struct sbx_run *run);

/* Counts and logs what sbx_skips_read tells (an sbx_skip_fn; ctx is the run). */
void sbx_run_skip(const char *program, __u64 count, void *ctx);

/* The line that decided about an event, with its text. */
void sbx_run_describe(const struct sbx_run *run, const struct sbx_event *event, size_t event_size,
		      char *buf, size_t size);

/* Takes one event of the run's ring (an sbx_event_fn; ctx is the run). */
void sbx_run_event(const struct sbx_event *event, size_t size, void *ctx);

/* --- outcome.c -------------------------------------------------------------------------------- */

/*
 * Decides how the run ended, its exit status and message, once the tree is dead and the ring
 * drained.  `code` and `status`: si_code and si_status of the command's death.
 */
void sbx_outcome_decide(struct sbx_run *run, int code, int status);

/* The system call that the command died of by its filter, the caller's; NULL: another end. */
char *sbx_outcome_syscall(const struct sbx_run *run);

/* --- isolation.c ------------------------------------------------------------------------------ */

/*
 * Plans what the engine's mechanism leaves to Landlock and seccomp, and tells on stderr what none
 * of them enforces.  -ENOTSUP, -EBADMSG: not even files would be.
 */
int sbx_isolation_plan(struct sbx_run *run, struct sbx_error *err);
void sbx_isolation_done(struct sbx_run *run);

/* The `isolation` object (new reference); engine and policy may be missing. */
json_t *sbx_isolation_build(const struct sbx_run *run);

/* --- result.c --------------------------------------------------------------------------------- */

const char *sbx_end_to_str(enum sbx_end end);

/* A string that may come from anywhere (new reference): bytes that are no text become \xNN. */
json_t *sbx_result_text(const char *bytes);

/* Attempts by guard (new reference); guards without one are left out. */
json_t *sbx_result_escapes(const struct sbx_job_state *counters);

/* Counts and head of the run's log; nothing without one. */
void sbx_run_log_facts(const struct sbx_run *run, struct sbx_log_facts *facts);

/* The whole object (new reference); what a failed run lacks is null. */
json_t *sbx_result_build(const struct sbx_run *run);

/* Where a result goes: opened before the job runs, so that the job cannot redirect it. */
struct sbx_result_sink {
	int fd;	    /* "fd:N": a duplicate; -1: none */
	int dir_fd; /* "FILE": its directory; -1: none */
	char name[256];
};
int sbx_result_open(const char *where, struct sbx_result_sink *ret_sink, struct sbx_error *err);
int sbx_result_write(const struct sbx_result_sink *sink, json_t *result, struct sbx_error *err);
void sbx_result_close(struct sbx_result_sink *sink);

#endif /* SBX_JOB_PARTS_H */

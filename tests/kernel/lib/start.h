/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Jobs that need more than run_job gives: several at once, a launcher that is killed, runs that are
 * to fail before the command, options of the test's own.  Files of a run lie in T/run/NAME.*.
 */
#ifndef SBX_KERNEL_START_H
#define SBX_KERNEL_START_H

#include "lib/harness.h"

/* What to start.  Zero and NULL mean the usual. */
struct start {
	const char *name;	    /* of the job and of the files; must be given */
	const char *policy;	    /* text; NULL: no file is written, see policy_path */
	const char *policy_path;    /* instead of T/run/NAME.yaml; "": no --policy at all */
	const char *audit;	    /* instead of T/run/NAME.jsonl */
	const char *result;	    /* instead of T/run/NAME.json */
	const char *const *options; /* of `run`, NULL-terminated */
	const char *const *argv;    /* the command, NULL-terminated */
	const char *bin;	    /* instead of the binary under test */
	bool loud;		    /* without -q */
	bool huge;		    /* leave the log on the disk: `log` stays empty */
	uid_t uid;		    /* as this user, without groups */
	const char *cwd;
};

/* A started launcher, and later what it came to. */
struct run {
	char name[64];
	pid_t launcher;
	int status;	 /* 128+N for signal N; -1: still running */
	const char *out; /* standard output of the job */
	const char *err; /* standard error of sbx-bpf and the job */
	const char *log_path;
	bool huge;
	json_t *log;	/* all records; an empty array if there is no log */
	json_t *result; /* NULL if none was written */
};

void start_run(const struct start *start, struct run *ret_run);
/* Waits for the launcher and loads what it left. */
void end_run(struct run *run);
/* Both. */
void do_run(const struct start *start, struct run *ret_run);
void free_run(struct run *run);

/* Teardown for tests that start runs: none of them outlives a test that failed half-way. */
int runs_end(void **state);
#define RUNS_TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, runs_end)

/* Waits until the job has said `line` (of its standard output), or fails. */
void wait_for_line(const struct run *run, const char *line);
/* Processes that name the cgroup now; pids in `ret_pids`. */
size_t run_tasks(const struct run *run, pid_t *ret_pids, size_t cap);
const char *run_cgroup(const struct run *run);

/* Lines of the log by type: "violation" counts escapes too. */
size_t count_records(const json_t *log, const char *type);
/* The result's number at a path as "metrics.events.lost". */
long long result_number(const struct run *run, const char *path);
const char *result_text(const struct run *run, const char *path);

/* What a log accounts for; read line by line, so it may be huge. */
struct account {
	long long lines;
	long long logged; /* of these, the ones that a guard let pass */
	long long lost;
	long long limited;
};
/* lines + lost + limited = refusals, and the sequence numbers are contiguous; -1: any number. */
void check_accounts(const struct run *run, long long refusals, struct account *ret_account);

/* Output of a command (standard output and error), and its exit status. */
const char *output_of(const char *const *argv, int *ret_status);

/* What refuses now: "lsm", "fmod_ret" or "cgroup"; loads the engine where there is none. */
const char *mechanism(void);
/* False: the kernel cannot preempt itself, so fmod_ret is as good as lsm. */
bool kernel_preempts(void);

/* True when it came to be true within the time; asked every 10 ms. */
bool becomes_true(bool (*holds)(const void *ctx), const void *ctx, int timeout_ms);

/* No job in the engine, no cgroup of one, no record in /run/sbx-bpf/jobs. */
void check_no_leftovers(void);

/* --- the engine's pinned maps, by the bpf system call -------------------------------------------
 */

/* Opens /sys/fs/bpf/sbx-bpf/BUILD/maps/NAME. Fails the test when there is none. */
int open_map(const char *name);
/* Keys of 8 bytes, at most `cap`. */
size_t map_keys(int map_fd, uint64_t *ret_keys, size_t cap);
int map_get(int map_fd, const void *key, void *ret_value);
int map_put(int map_fd, const void *key, const void *value);
int map_delete(int map_fd, const void *key);
/* The engine's number of a running job, from its state file. */
uint64_t job_number(const struct run *run);
uint64_t policy_number(const struct run *run);
/* The directory BUILD itself, or NULL when nothing is pinned. */
const char *pins_dir(void);

#endif /* SBX_KERNEL_START_H */

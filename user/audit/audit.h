/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event -> JSON line -> hash chain -> file, in sequence order with every hole accounted for;
 * and the tally that becomes the summary and the result.
 */
#ifndef SBX_AUDIT_H
#define SBX_AUDIT_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/error.h"
#include "policy/compile.h"
#include "sbx/abi.h"

#define SBX_EVENT_SCHEMA "sbx-bpf/event/1"
#define SBX_RESULT_SCHEMA "sbx-bpf/result/1"

struct sbx_audit_log;
struct sbx_tally;

struct sbx_audit_options {
	const char *path; /* the log file (created 0600, appended to); NULL: no file, tally only */
	const char *job;  /* name of the job */
	bool chain;
	const char *key_path;		     /* of the chain; NULL: none */
	const struct sbx_compiled *compiled; /* borrowed: turns node and rule numbers into lines */
	const char *policy_name;
	const char *policy_sha256;
	const char *cgroup_path;
	struct sbx_rotation rotation; /* of the file */
	const struct sbx_sink *sinks; /* where copies go; borrowed until close */
	size_t n_sinks;
	bool best_effort_write; /* false: a log that cannot be written is an error at open */
};

/*
 * Opens the log and writes nothing yet.  An existing log is continued: its last record's hash is
 * the next record's `prev`.  The file stays locked until sbx_audit_close; a child that is forked
 * and does not exec shares the lock.  Errors: the file cannot be opened or written (-EACCES,
 * -EROFS ...), another job writes it (-EBUSY), its last line is no record (-EBADMSG), it is no
 * regular file or chained where it should not be or the reverse (-EINVAL).
 */
int sbx_audit_open(const struct sbx_audit_options *options, struct sbx_audit_log **ret_log,
		   struct sbx_error *err);

/*
 * The start record.  `command`: argv, `isolation`: object naming the mechanism per concern
 * (borrowed).  Fails when the disk is full or read-only: nothing may run then.
 */
int sbx_audit_start(struct sbx_audit_log *log, char *const *command, json_t *isolation,
		    struct sbx_error *err);

/*
 * Takes one event, in any order; lines come out by sequence number, holes as `lost` records.
 * What is provable from the file alone: lines of events + sum of lost.count = seq, and that plus
 * the sum of summary.limited is all that was to be recorded (refusals, and what guards `log`).
 */
void sbx_audit_event(struct sbx_audit_log *log, const struct sbx_event *event, size_t size);

/*
 * Writes what is ready, and gives up on holes older than a second: call it after each drain of the
 * ring, and once a second.  `final`: no event comes any more; every hole up to state->seq is
 * written as lost and the last rate-limited stretch as summary.  `state` may be NULL.
 */
void sbx_audit_flush(struct sbx_audit_log *log, const struct sbx_job_state *state, bool final);

/*
 * A `lifecycle` record that a further command begins in the job: `number` of the job's own count.
 * 0, or a negative errno where it could not be written: the command must not run then.
 */
int sbx_audit_command(struct sbx_audit_log *log, __u64 number, char *const *command);
/* And that it has ended, and all that it started.  `result` (may be NULL): borrowed. */
void sbx_audit_command_end(struct sbx_audit_log *log, __u64 number, json_t *result);

/*
 * A `limit` record: the job met one of its limits ("memory", "wall_time", "pids", "violations").
 * `details` (may be NULL): an object with figures; borrowed.
 */
void sbx_audit_limit(struct sbx_audit_log *log, const char *limit, json_t *details);

/*
 * A `skipped` record: the kernel did not call a program of the engine, `count` times since the last
 * record of that program.  What it would have refused was not.
 */
void sbx_audit_skipped(struct sbx_audit_log *log, const char *program, __u64 count);

/*
 * The final flush if there was none, the end record with the result embedded (but for what the
 * start record has said, and provenance), then fsync.  0, or the first write error met so far,
 * even if the record was written later: see sbx_audit_write_errors.
 */
int sbx_audit_end(struct sbx_audit_log *log, json_t *result, const struct sbx_job_state *state);

/*
 * For SIGHUP: where the file was moved away, goes on in a new one of its name, which begins with
 * where it continues.  -EALREADY: it is where it was; -EEXIST: another file took its name; else
 * why there is no new one: the log goes on in the old file.
 */
int sbx_audit_reopen(struct sbx_audit_log *log);

/*
 * Copies for the sinks that are behind: fills in SBX_SINKS_MAX items, of which any that is ready,
 * or the passing of the time returned (ms; -1: none), calls for sbx_audit_carry, which never waits.
 */
int sbx_audit_poll(const struct sbx_audit_log *log, struct pollfd *items);
void sbx_audit_carry(struct sbx_audit_log *log);

/* What each sink was handed and what it missed (new reference): see sbx_result_build. */
json_t *sbx_audit_sinks(const struct sbx_audit_log *log);

/* SHA-256 of the last record, lower-case hex, or "" without a chain. Valid until the next write. */
const char *sbx_audit_head(const struct sbx_audit_log *log);

/* Records that could not be written since open (disk full ...), for the result. */
__u64 sbx_audit_write_errors(const struct sbx_audit_log *log);

/* What stands in the log so far (after the final flush: all there will be). */
struct sbx_audit_counts {
	__u64 lines; /* of events */
	__u64 lost;  /* lines + lost = sequence numbers */
	__u64 limited;
};
void sbx_audit_counts(const struct sbx_audit_log *log, struct sbx_audit_counts *ret_counts);

const struct sbx_tally *sbx_audit_tally(const struct sbx_audit_log *log);
void sbx_audit_close(struct sbx_audit_log *log);

/* One event as its JSON object (new reference), without prev and hash. */
json_t *sbx_event_to_json(const struct sbx_event *event, size_t size,
			  const struct sbx_audit_options *options);

/*
 * Counts refusals by (operation, object, deciding line): bounded, the rest under "other".
 * The object of files is the path, of addresses "tcp 10.0.0.1:443", of processes "comm[pid]".
 */
struct sbx_tally_row {
	__u64 count;
	unsigned int op;
	unsigned int guard;
	unsigned int reason;
	unsigned int verdict;
	unsigned int rights; /* the missing ones, joined */
	char *object;	     /* made safe for a terminal */
	char *rule;	     /* "strict.yaml:14", "built in", ... */
	char *rule_text;
	char *remedy; /* what would allow it: a line for the policy, or why none should */
};
size_t sbx_tally_rows(const struct sbx_tally *tally, const struct sbx_tally_row **ret_rows);

/*
 * The summary on stderr after a run: what was refused, how often, by which line, what would
 * allow it.  Prints nothing when nothing was refused and `always` is false.
 */
void sbx_summary_print(const struct sbx_tally *tally, const struct sbx_job_state *state,
		       const char *job, bool color, bool always, FILE *out);

/* One verdict of a policy on a question.  Strings are safe for a terminal, and the callee's. */
struct sbx_answer {
	bool allowed;
	const char *verdict;   /* "allow", "log", "deny", "kill", "quarantine" */
	const char *act;       /* a right, an operation, or a guard */
	const char *object;    /* as in struct sbx_tally_row */
	const char *rule;      /* "strict.yaml:14", "built in" */
	const char *rule_text; /* that line; "" when built in */
	const char *remedy;    /* what would allow it; "" when it is allowed */
};
typedef void (*sbx_answer_fn)(const struct sbx_answer *answer, void *ctx);

/*
 * What the policy says to `question` (of sbx_query_parse, or of a log): an answer for each right
 * asked for.  The decision is the kernel's, made from the same entries.  0 or -ENOMEM.
 */
int sbx_explain(const struct sbx_compiled *compiled, struct sbx_event *question, size_t size,
		sbx_answer_fn fn, void *ctx);

/*
 * Reads the refusals of a log back as questions (see sbx_query_parse), each kind once, with how
 * often it stands there.  Stops at the first answer of `fn` other than 0 and returns it.
 * -EBADMSG: a line is no record (`err` names it); -ENOMEM; else as reading the file gave it.
 */
typedef int (*sbx_question_fn)(struct sbx_event *question, size_t size, __u64 count, void *ctx);
int sbx_audit_questions(const char *path, sbx_question_fn fn, void *ctx, struct sbx_error *err);

/* What a log holds, as far as it is right. */
struct sbx_audit_report {
	__u64 records;
	__u64 events;	  /* lines of violations and escapes */
	__u64 lost;	  /* as the lost records say */
	__u64 limited;	  /* as the summaries say */
	__u64 runs;	  /* start records */
	__u64 unfinished; /* runs without an end record: killed, or still going on */
	__u64 files;	  /* that the log is in */
	bool earlier;	  /* it continues a file that is not there (any more) */
	bool chained;
	char head[65]; /* hash of the last record */
};

/*
 * Checks hashes, order, sequence numbers and counters of a log.
 * 0: intact, and the last run has its end record.
 * -EBADMSG: `err` names the line and what is wrong (changed, cut, swapped, a gap, a number twice):
 * no sbx-bpf wrote it so, whatever killed it.
 * -ENODATA: intact as far as it goes, but the last run has no end record: it is still running,
 * was killed, or its end was cut off, which looks the same.
 * -ENOTSUP: the log has no hash chain; order and numbers are right.
 * Other negative errno: cannot be read.  `err` is filled in but for 0.
 */
int sbx_audit_verify(const char *path, struct sbx_error *err);

/*
 * The same with what was found (as far as it was read, filled in on failure too).  `head` (may be
 * NULL): a hash kept elsewhere, such as the result's; the log must hold an end record of that
 * hash, otherwise its end was cut off: -EBADMSG.  `key_path` (may be NULL): the key that every
 * record must be written with; -ENOKEY: there is one and it was not given.
 */
int sbx_audit_verify_report(const char *path, const char *head, const char *key_path,
			    struct sbx_audit_report *ret_report, struct sbx_error *err);

/*
 * The same for one log in several files, oldest first, NULL-terminated.  The two above find the
 * files by themselves that audit.rotate has put aside: PATH.1, PATH.2 and so on.
 */
int sbx_audit_verify_files(char *const *paths, const char *head, const char *key_path,
			   struct sbx_audit_report *ret_report, struct sbx_error *err);

#endif /* SBX_AUDIT_H */

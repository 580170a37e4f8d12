/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drives the real binary.  A test is a policy and a table of rows; all rows run in one job,
 * by one process of the program `act`, in order.  Then each row's errno, as the job saw it, and
 * the log are compared with the table: exactly these events, in this order, and no other; the
 * sequence numbers start at 1 without a hole; the result's counters agree.
 *
 *	static const struct row rows[] = {
 *		{ "open r " T "/in/file", "ok" },
 *		{ "open r " T "/out", "EACCES", { { "open", T "/out", "read" } } },
 *	};
 *	check_rows(POLICY_HEAD "    - {allow: ro, paths: " T "/in}\n", rows, ARRAY_SIZE(rows));
 *
 * Every failure ends the test at once with a message (cmocka).  What act can do stands in
 * act/act.h.
 */
#ifndef SBX_KERNEL_HARNESS_H
#define SBX_KERNEL_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <sys/types.h>

/* Rows and events say what matters; the rest is zero on purpose. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * The tests' directory: a tmpfs of its own (devices and set-uid work there), empty before each
 * test but for the program `act`.
 */
#define T "/tmp/sbx-test"
#define ACT T "/act"

/* Beginning of a policy that denies by default and lets `act` run; rules of 4 blanks follow. */
#define POLICY_HEAD            \
	"version: 1\n"         \
	"name: test\n"         \
	"audit: {rate: max}\n" \
	"filesystem:\n"        \
	"  default: deny\n"    \
	"  rules:\n"           \
	"    - {allow: [exec, read], paths: " ACT "}\n"
/* The same, allowing by default. */
#define POLICY_OPEN            \
	"version: 1\n"         \
	"name: test\n"         \
	"audit: {rate: max}\n" \
	"filesystem:\n"        \
	"  default: allow\n"   \
	"  rules:\n"           \
	"    - {allow: [exec, read], paths: " ACT "}\n"

/*
 * An expected event.  What is left out has a default:
 * reason	"guard" when `guard` is set, else "rule"
 * verdict	"denied"
 * rule		a piece of text that stands in the deciding line of the policy.  NULL: for reason
 *		"rule", "gain" and "dir-move" the line with "default:"; for others "built in".
 *		"built in" itself, and "*" for anything, may be given.
 * error	the row's result; none when that is "ok"
 * object	what format_object says: a path (raw bytes), "tcp 127.0.0.1 80", "inet stream tcp"
 *		(family, type, protocol of a socket, "@NAME" of
 *		an abstract one), "udp 127.0.0.1 53 NAME" (with a DNS
 *		name), "process COMM", "number N"; NULL: the event
 *		has none; "*": anything
 * rights	missing ones, as "read+write"; NULL: none
 */
struct event {
	const char *op;
	const char *object;
	const char *rights;
	const char *rule;
	const char *reason;
	const char *guard;
	const char *verdict;
	const char *error;
};

#define ROW_EVENTS 3 /* what one act can cause; more: split the act */

struct row {
	/*
	 * Words of one act, separated by one blank each.  "\\x20" (backslash, x, two hex digits)
	 * stands for any byte.  $NAME is replaced by set_var's value, here and in an event's
	 * object.
	 */
	const char *act;
	const char *result; /* "ok", an errno's name, or what act.h says; "*": anything */
	struct event events[ROW_EVENTS];
	/*
	 * Called in the test's own process, outside the job, after this row was done and before
	 * the next begins.  Only where the act is "sync".
	 */
	void (*host)(void);
};

/* One job for all rows. */
void check_rows(const char *policy, const struct row *rows, size_t n);

/* A job that is not just a table. Zero and NULL mean the usual. */
struct job {
	const char *policy; /* text */
	const struct row *rows;
	size_t n_rows;
	const char *const *argv;    /* the command instead of act with `rows`; NULL-terminated */
	const char *const *options; /* further options of `run`; NULL-terminated */
	const char *const *wrapper; /* in front of sbx-bpf, as {"unshare", "-m", NULL} */
	int in_fd;		    /* standard input (0: a pipe); rows with "sync" need the pipe */
	int out_fd;		    /* standard output (0: a pipe, of which rows are read) */
	int err_fd;		    /* standard error (0: goes to outcome.err) */
	bool loose; /* do not compare events; the test looks at outcome.events itself */
};

struct outcome {
	int status; /* exit status of `sbx-bpf run`; 128+N for signal N */
	char *out;  /* standard output of the job, terminated; NULL with out_fd */
	size_t out_len;
	char *err;	/* standard error of sbx-bpf and the job */
	json_t *log;	/* all records of the log: array */
	json_t *events; /* of these, the violations and escapes, by sequence number */
	json_t *result; /* the result file; NULL if none was written */
};

/* Runs it and compares rows and events (unless loose). Free with outcome_free. */
void run_job(const struct job *job, struct outcome *ret_outcome);
void outcome_free(struct outcome *outcome);

/* Compares outcome->events with the events of `rows` (run_job does this unless loose). */
void check_events(const char *policy, const struct outcome *outcome, const struct row *rows,
		  size_t n);

/* An object as struct event says, in a buffer of the caller. */
void format_object(const json_t *event, char *buf, size_t size);

/* The same rows by act without any job: results must be as given (events are ignored). */
void check_outside(const struct row *rows, size_t n);

/* While a job runs (in row.host): its cgroup as absolute path, and the pid of act. */
const char *job_cgroup(void);
pid_t job_pid(void);

/*
 * For row.host: the launcher ends a job under quarantine soon; stopped, it lets the rows between
 * these two be done first.
 */
void stop_launcher(void);
void wake_launcher(void);

/* --- the world around the job ------------------------------------------------------------- */

/* printf-like; the text belongs to the test and is freed at its end. */
char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Makes a file of this content with its parents; "NAME/" ends in a slash: a directory. */
void make(const char *path, const char *content);
/* make(path, "x\n") for each; NULL-terminated list. */
void make_all(const char *path, ...) __attribute__((sentinel));
/* A copy of act under this path. */
void make_program(const char *path);
char *slurp(const char *path); /* owned by the test; NULL when it cannot be read */
bool exists(const char *path); /* without following a link */
void spit(const char *path, const char *content); /* writes to a file that exists */

/* $NAME in rows from now on, until the test ends. */
void set_var(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *get_var(const char *name);

/* A process outside any job that sleeps until the test ends; its pid is $VICTIM, too. */
pid_t make_victim(void);

/* A mount that is taken away at the end of the test. False (errno) when the kernel has no such. */
bool make_mount(const char *source, const char *target, const char *type, unsigned long flags,
		const char *data);

/* Runs a command to its end; returns its exit status. */
int command(const char *const *argv);

/* Path of the binary under test. */
const char *sbx_bin(void);

/* skip(), with the reason printed; fails when SBX_NO_SKIP=1. */
void skip_because(const char *why);
/* skip() on a kernel older than that, also when SBX_NO_SKIP=1: it cannot have what the test is of.
 */
void skip_before(unsigned int major, unsigned int minor, const char *what);

/* --- the suite -------------------------------------------------------------------------------- */

/* A fresh T before, and everything that a test made gone after it. */
int test_begin(void **state);
int test_end(void **state);
#define TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, test_end)

/*
 * What main returns.  Where sbx-bpf cannot enforce, or not as root, the suite is skipped: the
 * reason is printed and the status is SUITE_SKIPPED, or 1 when SBX_NO_SKIP=1.
 */
#define SUITE_SKIPPED 77
int run_suite(const char *name, const struct CMUnitTest *tests, size_t n);
#define RUN_SUITE(name, tests) run_suite(name, tests, ARRAY_SIZE(tests))

#endif /* SBX_KERNEL_HARNESS_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sbx-bpf cannot do anything with: a message with cause and cure, exit status 125 before
 * the command starts, no leftovers.  And state in the kernel that somebody broke: refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/start.h"
#include "sbx/abi.h"

#define P "version: 1\nname: test\nfilesystem: {default: allow}\n"
#define RAN T "/ran" /* the command makes it */
#define ROOT "/sys/fs/cgroup/sbx-bpf"

static const char *const leave_mark[] = { "/bin/sh", "-c", "echo ran > " RAN, NULL };

static void check_says(const char *where, const char *words)
{
	if (!where || !strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where ? where : "(nothing)");
}

/* Fails as it should; `words` (NULL-terminated) all stand in its message. */
static void check_refused(struct start start, const char *const *words)
{
	struct run run;

	start.name = start.name ? start.name : "bad";
	start.argv = leave_mark;
	start.loud = true; /* the cure is not an error */
	do_run(&start, &run);
	if (run.status != 125)
		fail_msg("exit status %d: %s", run.status, run.err);
	if (exists(RAN))
		fail_msg("the command ran");
	for (; *words; words++)
		check_says(run.err, *words);
	if (run.result) {
		assert_int_equal(result_number(&run, "exit.status"), 125);
		assert_string_equal(result_text(&run, "exit.reason"), "setup");
	}
	free_run(&run);
}

#define REFUSED(start, ...) check_refused(start, (const char *const[]){ __VA_ARGS__, NULL })

/* The same without the fault runs. */
static void check_runs(const char *policy)
{
	const struct start start = { .name = "good", .policy = policy, .argv = leave_mark };
	struct run run;

	do_run(&start, &run);
	if (run.status)
		fail_msg("exit status %d: %s", run.status, run.err);
	assert_true(exists(RAN));
	assert_int_equal(unlink(RAN), 0);
	free_run(&run);
	check_no_leftovers();
}

/* --- policies
 * ----------------------------------------------------------------------------------------- */

static void all_faults_of_a_policy_are_told_at_once(void **state)
{
	static const char policy[] = "version: 1\n"
				     "name: test\n"
				     "filesytem: {default: deny}\n"
				     "network: {mode: open}\n"
				     "limits: {memory: lots}\n"
				     "guards: {ptrase: deny}\n";

	(void)state;
	REFUSED(((struct start){ .policy = policy }), "bad.yaml:3:", "`filesystem`",
		"bad.yaml:4:", "bad.yaml:5:", "bad.yaml:6:", "`ptrace`",
		"has 4 faults: nothing was run");
	check_no_leftovers();
	check_runs(P);
}

static void a_policy_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	make(T "/dir/", "");
	make(T "/empty.yaml", "");
	REFUSED(((struct start){ .policy_path = T "/none.yaml" }), T "/none.yaml");
	REFUSED(((struct start){ .policy_path = "no-such-preset" }), "no-such-preset");
	REFUSED(((struct start){ .policy_path = T "/dir" }), T "/dir");
	REFUSED(((struct start){ .policy_path = T "/empty.yaml" }), T "/empty.yaml");
	check_no_leftovers();
}

/* --- who runs it, and with what words
 * -------------------------------------------------------------------- */

static void without_root_it_says_so(void **state)
{
	const char *const copy[] = { "/bin/sh", "-c", "cp \"$(command -v \"$0\")\" " T "/sbx-bpf",
				     sbx_bin(), NULL };

	(void)state;
	assert_int_equal(command(copy), 0);
	make(T "/run/", "");
	assert_int_equal(chmod(T "/run", 0777), 0);
	REFUSED(((struct start){ .policy = P, .bin = T "/sbx-bpf", .uid = 1000 }),
		"run it as root");
	check_no_leftovers();
}

static void words_that_make_no_sense_are_told(void **state)
{
	static const char *const bad_name[] = { "--name", "../up", NULL };
	static const char *const bad_mode[] = { "--mode", "watch", NULL };
	static const char *const bad_option[] = { "--polcy", "x", NULL };

	(void)state;
	REFUSED(((struct start){ .policy = P, .options = bad_name }), "../up", "a name has");
	REFUSED(((struct start){ .policy = P, .options = bad_mode }), "watch", "enforce or audit");
	REFUSED(((struct start){ .policy = P, .options = bad_option }), "--policy");
	check_no_leftovers();
}

static void a_name_that_runs_is_not_given_twice(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo ready; sleep 600", NULL };
	const struct start first = { .name = "taken", .policy = P, .argv = argv };
	static const char *const again[] = { "--name", "taken", NULL };
	struct run run;

	(void)state;
	start_run(&first, &run);
	wait_for_line(&run, "ready\n");
	REFUSED(((struct start){ .policy = P, .options = again }),
		"a job named \"taken\" is running", "choose another --name");
	assert_int_equal(kill(run.launcher, SIGTERM), 0);
	end_run(&run);
	assert_int_equal(run.status, 128 + SIGTERM);
	free_run(&run);
	check_no_leftovers();
}

/* --- where logs and results go
 * ------------------------------------------------------------------------------ */

static void a_log_that_cannot_be_written_stops_the_run(void **state)
{
	(void)state;
	make(T "/full/", "");
	make(T "/ro/", "");
	make(T "/dir/", "");
	assert_true(make_mount("none", T "/full", "tmpfs", 0, "size=4096"));
	make(T "/full/filler", text("%4096s", ""));
	assert_true(make_mount("none", T "/ro", "tmpfs", MS_RDONLY, NULL));
	REFUSED(((struct start){ .policy = P, .audit = T "/full/log" }), T "/full/log", "ENOSPC");
	REFUSED(((struct start){ .policy = P, .audit = T "/ro/log" }), T "/ro/log", "EROFS",
		"--audit");
	REFUSED(((struct start){ .policy = P, .audit = T "/none/log" }), T "/none/log", "ENOENT");
	REFUSED(((struct start){ .policy = P, .audit = T "/dir" }), T "/dir");
	REFUSED(((struct start){ .policy = P, .result = T "/none/result" }), T "/none");
	REFUSED(((struct start){ .policy = P, .result = "fd:99" }), "fd:99", "is not open");
	check_no_leftovers();
	check_runs(P);
}

/* Whole lines of refusals that stand in a log. */
static long long lines_of(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	long long n = 0;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		n += strchr(line, '\n') && strstr(line, "\"type\":\"violation\"");
	free(line);
	if (file)
		(void)fclose(file);
	return n;
}

static void a_log_disk_that_fills_up_changes_no_verdict(void **state)
{
	static const char policy[] =
		"version: 1\nname: test\naudit: {rate: max}\nfilesystem: "
		"{default: allow, rules: [{deny: [read], paths: " T "/secret}]}\n";
	static const char *const argv[] = { ACT, "flood", "2000", "0", T "/secret", NULL };
	const struct start start = { .name = "full",
				     .policy = policy,
				     .argv = argv,
				     .audit = T "/small/log",
				     .huge = true };
	long long lines;
	struct run run;

	(void)state;
	make(T "/secret", "x");
	make(T "/small/", "");
	assert_true(make_mount("none", T "/small", "tmpfs", 0, "size=64k"));
	do_run(&start, &run);
	assert_int_equal(run.status, 0);
	check_says(run.out, "refused 2000 of 2000");
	assert_int_equal(result_number(&run, "metrics.violations"), 2000);
	assert_true(result_number(&run, "metrics.events.write_errors") > 0);
	lines = lines_of(T "/small/log");
	assert_true(lines > 0 && lines < 2000);
	assert_int_equal(result_number(&run, "metrics.events.lines"), lines);
	assert_int_equal(lines + result_number(&run, "metrics.events.lost"), 2000);
	free_run(&run);
	check_no_leftovers();
}

/* --- control groups
 * --------------------------------------------------------------------------------------------- */

static void a_cgroup_that_cannot_be_made_is_told(void **state)
{
	(void)state;
	check_runs(P); /* the engine and its cgroup are there now */
	assert_int_equal(mkdir(ROOT "/bad", 0755), 0);
	REFUSED(((struct start){ .policy = P }), "cannot make the cgroup \"" ROOT "/bad\"",
		"choose another --name");
	assert_int_equal(rmdir(ROOT "/bad"), 0);
	check_no_leftovers();
	spit(ROOT "/cgroup.max.descendants", "1"); /* the canary's */
	REFUSED(((struct start){ .policy = P }), "cannot make the cgroup \"" ROOT "/bad\"");
	spit(ROOT "/cgroup.max.descendants", "max");
	check_no_leftovers();
	check_runs(P);
}

static void a_limit_without_its_controller_is_told(void **state)
{
	static const char limited[] = P "limits: {memory: 64M}\n";
	pid_t victim = make_victim();

	(void)state;
	check_runs(limited);
	/* With a process of its own a cgroup cannot give controllers to its children. */
	spit(ROOT "/cgroup.subtree_control", "-memory -pids -cpu -io -cpuset");
	spit(ROOT "/cgroup.procs", text("%d", victim));
	REFUSED(((struct start){ .policy = limited }), "limits.memory",
		"needs the cgroup2 controller \"memory\"", "take the limit out of the policy");
	check_no_leftovers();
	spit("/sys/fs/cgroup/cgroup.procs", text("%d", victim));
	check_runs(limited);
}

/* --- broken state in the kernel
 * ------------------------------------------------------------------------------------ */

#define OPEN_8001            \
	"network:\n"         \
	"  mode: filtered\n" \
	"  rules:\n"         \
	"    - allow: {to: 127.0.0.1, ports: 8001}\n"

static struct run here(void)
{
	struct run run = { .status = -1 };
	const char *slash = strrchr(job_cgroup(), '/');

	(void)snprintf(run.name, sizeof(run.name), "%s", slash + 1);
	return run;
}

static void delete_from(const char *map, uint64_t key)
{
	int fd = open_map(map);

	if (map_delete(fd, &key))
		fail_msg("%s has no %llu: %s", map, (unsigned long long)key, strerror(errno));
	(void)close(fd);
}

/* The number of denials for want of a job's entry: the second member of struct sbx_meta. */
static uint64_t no_policy_count(void)
{
	uint64_t meta[6] = { 0 };
	uint32_t zero = 0;
	int fd = open_map("sbx_meta");

	assert_int_equal(map_get(fd, &zero, meta), 0);
	(void)close(fd);
	return meta[1];
}

/* An array has no element less: the entry becomes what a free slot has. */
static void delete_job(void)
{
	const struct run run = here();
	const struct sbx_job none = { 0 };
	uint32_t slot = sbx_slot(job_number(&run));
	int fd = open_map("sbx_jobs");

	if (map_put(fd, &slot, &none))
		fail_msg("sbx_jobs, slot %u: %s", slot, strerror(errno));
	(void)close(fd);
}

static void delete_slot(const char *map)
{
	const struct run run = here();

	delete_from(map, sbx_slot(policy_number(&run)));
}

static void delete_edges(void)
{
	delete_slot("sbx_edges");
}

static void delete_prefixes(void)
{
	delete_slot("sbx_prefixes");
}

static void delete_classes(void)
{
	delete_slot("sbx_classes");
}

static void delete_ring(void)
{
	const struct run run = here();

	delete_from("sbx_rings", job_number(&run));
}

static void delete_subject(void)
{
	struct stat st;

	assert_int_equal(stat(job_cgroup(), &st), 0);
	delete_from("sbx_subjects", st.st_ino);
}

static void a_job_without_its_entry_may_do_nothing(void **state)
{
	static const char policy[] = POLICY_OPEN OPEN_8001 "guards: {default: allow}\n";
	static const struct row rows[] = {
		{ "open r " T "/file", "ok" },
		{ "socket-hold 9 inet dgram 0", "ok" },
		{ "sync", "ok", .host = delete_job },
		{ "open r " T "/file", "EACCES" },
		{ "mkdir " T "/new", "EACCES" },
		{ "exec " ACT, "EACCES" },
		{ "socket inet stream 0", "EAFNOSUPPORT" },
		{ "fd-connect 9 127.0.0.1 8001", "EACCES" },
		{ "perf", "EPERM" },
		{ "fork open r " T "/file", "EACCES" },
	};
	const struct job job = {
		.policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows), .loose = true
	};
	struct outcome outcome = { 0 };
	uint64_t before;

	(void)state;
	make_all(T "/file", NULL);
	check_runs(P);
	before = no_policy_count();
	run_job(&job, &outcome);
	assert_true(no_policy_count() >= before + 7);
	outcome_free(&outcome);
	check_no_leftovers();
}

#define NO_POLICY(op, object, rights, error)                                     \
	{                                                                        \
		{                                                                \
			op, object, rights, NULL, "no-policy", NULL, NULL, error \
		}                                                                \
	}

static void a_policy_without_its_paths_opens_nothing(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/file", "ok" },
		{ "sync", "ok", .host = delete_edges },
		{ "open r " T "/file", "EACCES", NO_POLICY("open", T "/file", "read", NULL) },
		{ "exec " ACT, "EACCES", NO_POLICY("exec", ACT, "exec", NULL) },
		{ "unlink " T "/file", "EACCES", NO_POLICY("unlink", T "/file", "delete", NULL) },
	};

	(void)state;
	make_all(T "/file", NULL);
	check_rows(POLICY_OPEN, rows, ARRAY_SIZE(rows));
	check_no_leftovers();
}

static void a_policy_without_its_addresses_connects_nowhere(void **state)
{
	static const struct row prefixes[] = {
		{ "connect tcp 127.0.0.1 8001", "ok" },
		{ "sync", "ok", .host = delete_prefixes },
		{ "connect tcp 127.0.0.1 8001", "EACCES",
		  NO_POLICY("connect", "tcp 127.0.0.1 8001", NULL, NULL) },
		{ "bind udp 127.0.0.1 8001", "EACCES",
		  NO_POLICY("bind", "udp 127.0.0.1 8001", NULL, NULL) },
	};
	static const struct row classes[] = {
		{ "connect tcp 127.0.0.1 8001", "ok" },
		{ "sync", "ok", .host = delete_classes },
		{ "connect tcp 127.0.0.1 8001", "EACCES",
		  NO_POLICY("connect", "tcp 127.0.0.1 8001", NULL, NULL) },
	};

	(void)state;
	check_rows(POLICY_OPEN OPEN_8001, prefixes, ARRAY_SIZE(prefixes));
	check_rows(POLICY_OPEN OPEN_8001, classes, ARRAY_SIZE(classes));
	check_no_leftovers();
}

static void without_a_ring_refusals_are_lost_records_but_refusals(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/file", "EACCES", { { "open", T "/file", "read" } } },
		{ "sync", "ok", .host = delete_ring },
		{ "open r " T "/file", "EACCES" },
		{ "open w " T "/file", "EACCES" },
	};
	const struct job job = {
		.policy = POLICY_HEAD, .rows = rows, .n_rows = ARRAY_SIZE(rows), .loose = true
	};
	struct outcome outcome = { 0 };
	const json_t *metrics;

	(void)state;
	make_all(T "/file", NULL);
	run_job(&job, &outcome);
	metrics = json_object_get(outcome.result, "metrics");
	assert_int_equal(json_integer_value(json_object_get(metrics, "violations")), 3);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(metrics, "events"), "lost")), 2);
	outcome_free(&outcome);
	check_no_leftovers();
}

static void a_cgroup_that_is_no_subject_any_more_sets_nobody_free(void **state)
{
	static const struct row rows[] = {
		{ "socket-hold 9 inet dgram 0", "ok" },
		{ "sync", "ok", .host = delete_subject },
		{ "open r " T "/file", "EACCES" },
		{ "fork open r " T "/file", "EACCES" },
		{ "socket inet stream 0", "EAFNOSUPPORT" },
		{ "fd-connect 9 127.0.0.1 8002", "EACCES" },
	};
	const struct job job = { .policy = POLICY_HEAD OPEN_8001,
				 .rows = rows,
				 .n_rows = ARRAY_SIZE(rows),
				 .loose = true };
	struct outcome outcome = { 0 };

	(void)state;
	make_all(T "/file", NULL);
	run_job(&job, &outcome);
	outcome_free(&outcome);
	check_no_leftovers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(all_faults_of_a_policy_are_told_at_once),
		RUNS_TEST(a_policy_that_cannot_be_read_is_told),
		RUNS_TEST(without_root_it_says_so),
		RUNS_TEST(words_that_make_no_sense_are_told),
		RUNS_TEST(a_name_that_runs_is_not_given_twice),
		RUNS_TEST(a_log_that_cannot_be_written_stops_the_run),
		RUNS_TEST(a_log_disk_that_fills_up_changes_no_verdict),
		RUNS_TEST(a_cgroup_that_cannot_be_made_is_told),
		RUNS_TEST(a_limit_without_its_controller_is_told),
		RUNS_TEST(a_job_without_its_entry_may_do_nothing),
		RUNS_TEST(a_policy_without_its_paths_opens_nothing),
		RUNS_TEST(a_policy_without_its_addresses_connects_nowhere),
		RUNS_TEST(without_a_ring_refusals_are_lost_records_but_refusals),
		RUNS_TEST(a_cgroup_that_is_no_subject_any_more_sets_nobody_free),
	};

	return RUN_SUITE("bad_input", tests);
}

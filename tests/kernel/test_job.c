// SPDX-License-Identifier: GPL-2.0-only
/* One job: how it ends and what that is called, its limits, what the command is given. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/start.h"

#define SECRET T "/secret"
#define P                      \
	"version: 1\n"         \
	"name: test\n"         \
	"audit: {rate: max}\n" \
	"filesystem:\n"        \
	"  default: allow\n"   \
	"  rules:\n"           \
	"    - {deny: [read, exec], paths: " SECRET "}\n"

/* `command` in a shell, to its end. */
static void run_shell(const char *policy, const char *command, struct run *ret_run)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };
	const struct start start = { .name = "one", .policy = policy, .argv = argv };

	do_run(&start, ret_run);
}

/* Status, reason and signal of the end, and no leftovers. */
static void check_end(const struct run *run, int status, const char *reason, const char *sig)
{
	if (run->status != status)
		fail_msg("exit status %d, not %d: %s", run->status, status, run->err);
	assert_int_equal(result_number(run, "exit.status"), status);
	assert_string_equal(result_text(run, "exit.reason"), reason);
	assert_string_equal(result_text(run, "exit.signal"), sig);
	check_no_leftovers();
}

static void check_shell(const char *policy, const char *command, int status, const char *reason,
			const char *sig)
{
	struct run run;

	run_shell(policy, command, &run);
	check_end(&run, status, reason, sig);
	free_run(&run);
}

static void check_says(const char *where, const char *words)
{
	if (!where || !strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where ? where : "(nothing)");
}

/* --- how it ends ---------------------------------------------------------------------------------
 */

static void the_exit_status_is_the_commands_own(void **state)
{
	(void)state;
	check_shell(P, "exit 0", 0, "exited", "");
	check_shell(P, "exit 7", 7, "exited", "");
	check_shell(P, "kill -KILL $$", 128 + SIGKILL, "signaled", "SIGKILL");
	check_shell(P, "kill -TERM $$", 128 + SIGTERM, "signaled", "SIGTERM");
}

static void the_time_limit_ends_the_whole_tree(void **state)
{
	time_t start = time(NULL);

	(void)state;
	check_shell(P "limits: {wall_time: 1s}\n", "sleep 600 & sleep 600", 124, "timeout",
		    "SIGKILL");
	assert_true(time(NULL) - start < 60);
}

static void the_grace_begins_with_a_request(void **state)
{
	time_t start = time(NULL);
	struct run run;

	(void)state;
	/* it cleans up on SIGTERM, and so does its child; what does not is killed */
	run_shell(P "limits: {wall_time: 1s, grace: 20s}\n",
		  "trap 'echo asked; exit 0' TERM; sh -c 'trap \"echo child; exit\" TERM; "
		  "while :; do sleep 0.1; done' & while :; do sleep 0.1; done",
		  &run);
	check_end(&run, 124, "timeout", "");
	check_says(run.out, "asked");
	check_says(run.out, "child");
	assert_true(time(NULL) - start < 15);
	free_run(&run);
	check_shell(P "limits: {wall_time: 1s, grace: 1s}\n", "trap '' TERM; sleep 600", 124,
		    "timeout", "SIGKILL");
}

static void a_death_by_the_filter_names_the_call(void **state)
{
	static const char *const argv[] = { ACT, "sethostname", NULL };
	const struct start start = {
		.name = "filter",
		.policy = P "process: {seccomp: {kill: [reboot, sethostname, kexec_load]}}\n",
		.argv = argv,
	};
	struct run run;

	(void)state;
	do_run(&start, &run);
	check_end(&run, 128 + SIGSYS, "seccomp", "SIGSYS");
	assert_string_equal(result_text(&run, "exit.syscall"), "sethostname");
	check_says(result_text(&run, "exit.message"), "system call: sethostname");
	free_run(&run);
}

static void processors_are_limited_and_the_disk_is(void **state)
{
	static const char command[] = "nproc; dd if=/dev/zero of=/var/tmp/sbx-io bs=64k count=16 "
				      "oflag=direct 2>/dev/null; rm -f /var/tmp/sbx-io";
	time_t start = time(NULL);
	struct run run;

	(void)state;
	run_shell(P "limits: {cpuset: 0, io: [{path: /var/tmp, write: 256K}]}\n", command, &run);
	if (run.status == 125 && strstr(run.err, "limits.io: \"/var/tmp\" lies on"))
		skip_because("/var/tmp is on no disk");
	check_end(&run, 0, "exited", "");
	check_says(run.out, "1\n");
	assert_string_equal(result_text(&run, "limits.cpuset.value"), "0");
	assert_true(json_is_null(json_object_get(
		json_object_get(json_object_get(run.result, "limits"), "cpuset"), "hit")));
	assert_in_range(time(NULL) - start, 2, 60); /* 1 MiB at 256 KiB a second */
	assert_true(result_number(&run, "metrics.disk_write_bytes") >= 1024 * 1024);
	assert_true(json_is_true(json_object_get(
		json_object_get(json_object_get(run.result, "limits"), "io"), "kept")));
	free_run(&run);
	run_shell(P "limits: {io: [{path: /proc, read: 1M}]}\n", "true", &run);
	assert_int_equal(run.status, 125);
	check_says(run.err, "\"/proc\" lies on proc, which is on no disk of this host");
	free_run(&run);
	run_shell(P "limits: {cpuset: 8000}\n", "true", &run);
	assert_int_equal(run.status, 125);
	check_says(run.err, "cannot set limits.cpuset");
	free_run(&run);
}

static void a_command_that_is_no_program_is_126(void **state)
{
	static const char *const plain[] = { T "/plain", NULL };
	static const char *const secret[] = { SECRET, NULL };
	const struct start not_executable = { .name = "plain", .policy = P, .argv = plain };
	const struct start denied = { .name = "denied", .policy = P, .argv = secret };
	struct run run;

	(void)state;
	make(T "/plain", "x");
	make_program(SECRET);
	do_run(&not_executable, &run);
	check_end(&run, 126, "cannot-exec", "");
	check_says(run.err, "cannot execute \"" T "/plain\"");
	assert_int_equal(count_records(run.log, "violation"), 0);
	free_run(&run);
	do_run(&denied, &run);
	check_end(&run, 126, "cannot-exec", "");
	check_says(run.err, "the policy does not allow executing \"" SECRET "\"");
	check_says(run.err, "denied.yaml:7");
	assert_int_equal(count_records(run.log, "violation"), 1);
	free_run(&run);
}

static void a_command_that_is_not_there_is_127(void **state)
{
	static const char *const word[] = { "sbx-no-such-command", NULL };
	static const char *const path[] = { T "/nothing", NULL };
	const struct start by_word = { .name = "word", .policy = P, .argv = word };
	const struct start by_path = { .name = "path", .policy = P, .argv = path };
	struct run run;

	(void)state;
	do_run(&by_word, &run);
	check_end(&run, 127, "not-found", "");
	check_says(run.err, "was not found in PATH");
	free_run(&run);
	do_run(&by_path, &run);
	check_end(&run, 127, "not-found", "");
	free_run(&run);
}

static void a_guard_that_kills_the_command_is_named(void **state)
{
	static const char *const argv[] = { ACT, "bpf", "map", NULL };
	const struct start start = { .name = "killed",
				     .policy = P "guards: {bpf: kill}\n",
				     .argv = argv };
	struct run run;

	(void)state;
	do_run(&start, &run);
	check_end(&run, 128 + SIGKILL, "guard", "SIGKILL");
	assert_int_equal(result_number(&run, "metrics.escapes.bpf"), 1);
	check_says(result_text(&run, "exit.message"), "killed by a guard");
	free_run(&run);
}

static void too_many_refusals_end_the_job(void **state)
{
	static const char *const argv[] = { ACT, "flood", "1000000000", "0", SECRET, NULL };
	const struct start start = {
		.name = "many", .policy = P "limits: {violations: 10}\n", .argv = argv, .huge = true
	};
	struct run run;

	(void)state;
	make(SECRET, "x");
	do_run(&start, &run);
	check_end(&run, 128 + SIGKILL, "violations", "SIGKILL");
	assert_true(result_number(&run, "metrics.violations") >= 10);
	check_accounts(&run, -1, NULL);
	free_run(&run);
}

/* --- limits
 * ---------------------------------------------------------------------------------------- */

static void running_out_of_memory_is_named(void **state)
{
	struct run run;

	(void)state;
	run_shell(P "limits: {memory: 32M, swap: 0}\n", "sleep 600 & tail /dev/zero; sleep 600",
		  &run);
	check_end(&run, 128 + SIGKILL, "oom", "SIGKILL");
	check_says(result_text(&run, "exit.message"), "memory limit of 33554432 bytes");
	assert_true(json_is_true(json_object_get(
		json_object_get(json_object_get(run.result, "limits"), "memory"), "hit")));
	free_run(&run);
}

static void the_limit_of_processes_holds(void **state)
{
	struct run run;

	(void)state;
	run_shell(P "limits: {pids: 5}\n",
		  "for i in 1 2 3 4 5 6 7 8; do sleep 600 & done; echo made them", &run);
	assert_true(run.status != 0);
	assert_string_equal(run.out, "");
	check_says(run.err, "fork");
	assert_true(json_is_true(json_object_get(
		json_object_get(json_object_get(run.result, "limits"), "pids"), "hit")));
	check_no_leftovers();
	free_run(&run);
	check_shell(P "limits: {pids: 20}\n", "for i in 1 2 3 4 5 6 7 8; do sleep 0 & done; wait",
		    0, "exited", "");
}

static void start_waiting(const char *policy, struct run *ret_run)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo ready; sleep 600", NULL };
	const struct start start = { .name = "waiting", .policy = policy, .argv = argv };

	start_run(&start, ret_run);
	wait_for_line(ret_run, "ready\n");
}

static bool limit_kept(const struct run *run, const char *limit)
{
	return json_is_true(json_object_get(
		json_object_get(json_object_get(run->result, "limits"), limit), "kept"));
}

static void limits_are_in_force_and_a_vanished_one_is_told(void **state)
{
	struct run run;

	(void)state;
	start_waiting(P "limits: {memory: 64M, cpu: 50%, pids: 32}\n", &run);
	assert_string_equal(slurp(text("%s/memory.max", run_cgroup(&run))), "67108864\n");
	assert_string_equal(slurp(text("%s/cpu.max", run_cgroup(&run))), "50000 100000\n");
	assert_string_equal(slurp(text("%s/pids.max", run_cgroup(&run))), "32\n");
	spit(text("%s/memory.max", run_cgroup(&run)), "max");
	assert_int_equal(kill(run.launcher, SIGTERM), 0);
	end_run(&run);
	check_end(&run, 128 + SIGTERM, "signaled", "SIGTERM");
	assert_false(limit_kept(&run, "memory"));
	assert_true(limit_kept(&run, "cpu"));
	assert_true(limit_kept(&run, "pids"));
	free_run(&run);
}

/* --- what the command is given
 * ----------------------------------------------------------------------- */

static void environment_folder_mask_and_privileges_are_the_policys(void **state)
{
	static const char set[] = P "process:\n"
				    "  env: {clear: true, pass: [PATH, KEEP], set: {CI: \"1\"}}\n"
				    "  workdir: " T "/work\n"
				    "  umask: \"027\"\n"
				    "  no_new_privs: true\n";
	static const char unset[] = P "process: {no_new_privs: false, env: {clear: false}}\n";
	static const char command[] = "echo \"$CI $KEEP [$DROP]\"; pwd; umask; "
				      "grep NoNewPrivs /proc/self/status";
	struct run run;

	(void)state;
	make(T "/work/", "");
	(void)setenv("KEEP", "kept", 1);
	(void)setenv("DROP", "dropped", 1);
	(void)umask(022);
	run_shell(set, command, &run);
	assert_string_equal(run.out, "1 kept []\n" T "/work\n0027\nNoNewPrivs:\t1\n");
	free_run(&run);
	run_shell(unset, command, &run);
	check_says(run.out, "[dropped]\n");
	check_says(run.out, "0022\nNoNewPrivs:\t0\n");
	free_run(&run);
	(void)unsetenv("KEEP");
	(void)unsetenv("DROP");
}

static void descriptors_above_two_are_closed(void **state)
{
	static const char *const argv[] = { ACT, "close", "3",	   ",",	 "close",
					    "9", ",",	  "close", "77", NULL };
	const struct start none = { .name = "none", .policy = P, .argv = argv };
	const struct start one = { .name = "one",
				   .argv = argv,
				   .policy = P "process: {descriptors: {keep: [9]}}\n" };
	int fd = open("/dev/null", O_RDONLY);
	struct run run;

	(void)state;
	assert_int_equal(dup2(fd, 9), 9);
	assert_int_equal(dup2(fd, 77), 77);
	do_run(&none, &run);
	assert_string_equal(run.out, "EBADF\nEBADF\nEBADF\n");
	free_run(&run);
	do_run(&one, &run);
	assert_string_equal(run.out, "EBADF\nok\nEBADF\n");
	free_run(&run);
	(void)close(9);
	(void)close(77);
	(void)close(fd);
}

/* --- signals and the tree
 * ------------------------------------------------------------------------------ */

static bool is_dead(const void *ctx)
{
	return kill(*(const pid_t *)ctx, 0) && errno == ESRCH;
}

static void a_daemon_does_not_outlive_the_command(void **state)
{
	struct run run;
	pid_t pid;

	(void)state;
	run_shell(P,
		  "(setsid sh -c 'echo $$ > " T "/pid; exec sleep 1000' > /dev/null 2>&1 &); "
		  "while [ ! -s " T "/pid ]; do sleep 0.1; done",
		  &run);
	check_end(&run, 0, "exited", "");
	pid = atoi(slurp(T "/pid"));
	assert_true(pid > 1);
	assert_true(is_dead(&pid));
	free_run(&run);
}

static void signals_reach_the_command(void **state)
{
	static const struct {
		int number;
		const char *name;
	} signals[] = { { SIGTERM, "TERM" }, { SIGINT, "INT" }, { SIGUSR1, "USR1" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		const char *command = text("trap 'echo got it; exit 5' %s; echo ready; "
					   "while :; do sleep 0.1; done",
					   signals[i].name);
		const char *const argv[] = { "/bin/sh", "-c", command, NULL };
		const struct start start = { .name = "signal", .policy = P, .argv = argv };
		struct run run;

		start_run(&start, &run);
		wait_for_line(&run, "ready\n");
		assert_int_equal(kill(run.launcher, signals[i].number), 0);
		end_run(&run);
		check_end(&run, 5, "exited", "");
		assert_string_equal(run.out, "ready\ngot it\n");
		free_run(&run);
	}
}

static void a_second_request_ends_a_command_that_ignores_the_first(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
					    "trap '' TERM; echo ready; while :; do sleep 1; done",
					    NULL };
	const struct start start = { .name = "deaf", .policy = P, .argv = argv };
	struct run run;

	(void)state;
	start_run(&start, &run);
	wait_for_line(&run, "ready\n");
	assert_int_equal(kill(run.launcher, SIGTERM), 0);
	(void)usleep(600000);
	assert_int_equal(kill(run.launcher, SIGTERM), 0);
	end_run(&run);
	check_end(&run, 128 + SIGKILL, "cancelled", "SIGKILL");
	free_run(&run);
}

/* --- two at once
 * ------------------------------------------------------------------------------------------ */

#define ONE_OF(name, path)                                                      \
	"version: 1\nname: " name "\nfilesystem:\n  default: allow\n  rules:\n" \
	"    - {deny: [read], paths: " path "}\n"

static void check_only(const struct run *run, const char *path, const char *policy)
{
	const json_t *record = json_array_get(run->log, 1);

	assert_int_equal(count_records(run->log, "violation"), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(record, "object"), "path")),
		path);
	for (size_t i = 0; i < json_array_size(run->log); i++) {
		record = json_array_get(run->log, i);
		assert_string_equal(json_string_value(json_object_get(record, "job")), run->name);
		assert_string_equal(json_string_value(json_object_get(record, "policy")), policy);
	}
}

static void two_jobs_at_once_keep_to_their_own_policies(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
					    "echo ready; while [ ! -e " T
					    "/go ]; do sleep 0.05; done; cat " T "/a; cat " T "/b",
					    NULL };
	const struct start starts[] = {
		{ .name = "left", .policy = ONE_OF("pa", T "/a"), .argv = argv },
		{ .name = "right", .policy = ONE_OF("pb", T "/b"), .argv = argv },
	};
	struct run runs[2];

	(void)state;
	make(T "/a", "this is a\n");
	make(T "/b", "this is b\n");
	for (int i = 0; i < 2; i++)
		start_run(&starts[i], &runs[i]);
	for (int i = 0; i < 2; i++)
		wait_for_line(&runs[i], "ready\n");
	make(T "/go", "");
	for (int i = 0; i < 2; i++)
		end_run(&runs[i]);
	assert_string_equal(runs[0].out, "ready\nthis is b\n");
	assert_string_equal(runs[1].out, "ready\nthis is a\n");
	check_only(&runs[0], T "/a", "pa");
	check_only(&runs[1], T "/b", "pb");
	check_no_leftovers();
	for (int i = 0; i < 2; i++)
		free_run(&runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(the_exit_status_is_the_commands_own),
		RUNS_TEST(the_time_limit_ends_the_whole_tree),
		RUNS_TEST(the_grace_begins_with_a_request),
		RUNS_TEST(a_death_by_the_filter_names_the_call),
		RUNS_TEST(processors_are_limited_and_the_disk_is),
		RUNS_TEST(a_command_that_is_no_program_is_126),
		RUNS_TEST(a_command_that_is_not_there_is_127),
		RUNS_TEST(a_guard_that_kills_the_command_is_named),
		RUNS_TEST(too_many_refusals_end_the_job),
		RUNS_TEST(running_out_of_memory_is_named),
		RUNS_TEST(the_limit_of_processes_holds),
		RUNS_TEST(limits_are_in_force_and_a_vanished_one_is_told),
		RUNS_TEST(environment_folder_mask_and_privileges_are_the_policys),
		RUNS_TEST(descriptors_above_two_are_closed),
		RUNS_TEST(a_daemon_does_not_outlive_the_command),
		RUNS_TEST(signals_reach_the_command),
		RUNS_TEST(a_second_request_ends_a_command_that_ignores_the_first),
		RUNS_TEST(two_jobs_at_once_keep_to_their_own_policies),
	};

	return RUN_SUITE("job", tests);
}

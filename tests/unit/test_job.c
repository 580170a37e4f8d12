// SPDX-License-Identifier: GPL-2.0-only
/* Whole runs under an engine that enforces nothing: statuses, reasons, results, leftovers. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

static void the_commands_own_status_is_passed_on(void **state)
{
	(void)state;
	need_cgroup2();
	assert_int_equal(run_shell("exit 0"), 0);
	assert_reason("exited");
	assert_true(json_is_true(json_object_get(fixture.json, "success")));
	assert_int_equal(run_shell("exit 7"), 7);
	assert_reason("exited");
	assert_false(json_is_true(json_object_get(fixture.json, "success")));
	assert_clean();
}

static void a_signal_becomes_128_plus_its_number(void **state)
{
	(void)state;
	need_cgroup2();
	assert_int_equal(run_shell("kill -SEGV $$"), 139);
	assert_reason("signaled");
	assert_string_equal(json_string_value(result_get("exit", "signal")), "SIGSEGV");
	assert_clean();
}

static void a_missing_command_is_127(void **state)
{
	char *by_path[] = { (char[]){ "no-such-command" }, NULL };
	char *by_name[] = { (char[]){ "/no/such/command" }, NULL };
	char *empty[] = { (char[]){ "" }, NULL };

	(void)state;
	need_cgroup2();
	assert_int_equal(run_argv(by_path), 127);
	assert_reason("not-found");
	assert_int_equal(run_argv(by_name), 127);
	assert_int_equal(run_argv(empty), 127);
	assert_clean();
}

static void a_file_that_cannot_be_executed_is_126(void **state)
{
	char *not_executable[] = { (char[]){ "/etc/passwd" }, NULL };
	char *directory[] = { (char[]){ "/tmp" }, NULL };

	(void)state;
	need_cgroup2();
	assert_int_equal(run_argv(not_executable), 126);
	assert_reason("cannot-exec");
	assert_int_equal(run_argv(directory), 126);
	assert_clean();
}

static void a_script_without_an_interpreter_line_goes_to_the_shell(void **state)
{
	char path[160];
	char *argv[] = { path, (char[]){ "5" }, NULL };
	sbx_cleanup(sbx_closep) int fd = -1;

	(void)state;
	need_cgroup2();
	(void)strcpy(path, file_in_dir("script"));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_int_equal(write(fd, "exit $1\n", 8), 8);
	sbx_closep(&fd);
	assert_int_equal(run_argv(argv), 5);
}

static void a_refused_exec_is_126_and_names_the_line(void **state)
{
	char *argv[] = { (char[]){ "/etc/passwd" }, NULL };
	const char *message;

	(void)state;
	need_cgroup2();
	fake_engine.shared->event = (struct sbx_event){ .op = SBX_OP_EXEC,
							.verdict = SBX_VERDICT_DENIED,
							.reason = SBX_REASON_RULE,
							.rule = SBX_RULE_NONE,
							.node = SBX_NODE_ROOT,
							.rights = SBX_RIGHT_EXEC,
							.wanted = SBX_RIGHT_EXEC };
	fake_engine.shared->n_events = 1;
	assert_int_equal(run_argv(argv), 126);
	assert_reason("cannot-exec");
	message = json_string_value(result_get("exit", "message"));
	assert_non_null(strstr(message, "the policy does not allow executing \"/etc/passwd\""));
}

static void the_time_limit_ends_the_whole_tree_with_124(void **state)
{
	char script[256];
	pid_t pids[2];

	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {wall_time: 300ms}\n");
	(void)snprintf(script, sizeof(script),
		       "sleep 60 & echo $! > %s/pids; setsid sleep 60 & echo $! >> %s/pids; wait",
		       fixture.dir, fixture.dir);
	assert_int_equal(run_shell(script), 124);
	assert_reason("timeout");
	assert_true(json_is_true(json_object_get(result_get("limits", "wall_time"), "hit")));
	assert_int_equal(read_pids(file_in_dir("pids"), pids, 2), 2);
	assert_false(alive(pids[0]) || alive(pids[1]));
	assert_clean();
}

static void background_processes_do_not_outlive_the_command(void **state)
{
	char script[256];
	pid_t pid;

	(void)state;
	need_cgroup2();
	(void)snprintf(script, sizeof(script), "setsid sleep 60 & echo $! > %s/pids; exit 3",
		       fixture.dir);
	assert_int_equal(run_shell(script), 3);
	assert_int_equal(read_pids(file_in_dir("pids"), &pid, 1), 1);
	assert_false(alive(pid));
	assert_clean();
}

static void a_task_that_names_the_job_is_killed_outside_its_cgroup(void **state)
{
	pid_t stray;

	(void)state;
	need_cgroup2();
	stray = fork();
	if (!stray) {
		sleep_ms(60000);
		_exit(0);
	}
	fake_engine.shared->strays[0] = stray;
	assert_int_equal(run_shell("exit 0"), 0);
	assert_int_equal(wait_status(stray), 128 + SIGKILL);
}

static void too_many_violations_end_the_job(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {violations: 10}\n");
	fake_engine.shared->state.refused = 10;
	assert_int_equal(run_shell("sleep 60"), 137);
	assert_reason("violations");
	assert_int_equal(json_integer_value(result_get("metrics", "violations")), 10);
}

static void a_quarantined_job_is_ended(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "guards: {mount: quarantine}\n");
	fake_engine.shared->state.quarantined = 1;
	assert_int_equal(run_shell("sleep 60"), 137);
	assert_reason("quarantine");
}

static void a_failed_bind_runs_nothing_and_leaves_nothing(void **state)
{
	char script[200];

	(void)state;
	need_cgroup2();
	fake_engine.shared->bind_error = -ENOSPC;
	(void)snprintf(script, sizeof(script), "touch %s/ran", fixture.dir);
	assert_int_equal(run_shell(script), 125);
	assert_reason("setup");
	assert_int_equal(access(file_in_dir("ran"), F_OK), -1);
	assert_clean();
}

static void an_unwritable_log_runs_nothing_and_leaves_nothing(void **state)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	struct sbx_run_options options = default_options(argv);

	(void)state;
	need_cgroup2();
	options.audit_path = "/proc/no/such/log";
	assert_int_equal(run_options(&options), 125);
	assert_reason("setup");
	assert_clean();
}

static void a_workdir_that_is_missing_is_125(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "process: {workdir: /no/such/dir}\n");
	assert_int_equal(run_shell("exit 0"), 125);
	assert_reason("setup");
	assert_clean();
}

static void a_name_in_use_is_refused(void **state)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "60" }, NULL };
	struct sbx_run_options options = default_options(argv);
	pid_t first;

	(void)state;
	need_cgroup2();
	options.name = "twice";
	options.result_path = NULL;
	first = start_launcher(&options, true);
	while (fake_engine.shared->next_job == 0)
		sleep_ms(5);
	assert_int_equal(wait_status(start_launcher(&options, true)), 125);
	(void)kill(first, SIGTERM);
	assert_int_equal(wait_status(first), 128 + SIGTERM);
	assert_clean();
}

static void a_result_goes_to_a_descriptor(void **state)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	struct sbx_run_options options = default_options(argv);
	sbx_cleanup(sbx_closep) int fd = -1;
	char where[32];
	pid_t pid;

	(void)state;
	need_cgroup2();
	fd = open(file_in_dir("result.json"), O_RDWR | O_CREAT, 0600); /* inherited: no CLOEXEC */
	(void)snprintf(where, sizeof(where), "fd:%d", fd);
	options.result_path = where;
	pid = start_launcher(&options, true);
	assert_int_equal(wait_status(pid), 0);
	read_result();
	assert_reason("exited");
}

static void a_result_replaces_an_old_one_and_leaves_no_temporary_file(void **state)
{
	char command[160];

	(void)state;
	need_cgroup2();
	assert_int_equal(symlink("/etc/passwd", fixture.result), 0);
	assert_int_equal(run_shell("exit 1"), 1);
	assert_reason("exited");
	(void)snprintf(command, sizeof(command), "test $(ls -A %s | grep -c result) = 1",
		       fixture.dir);
	assert_int_equal(system(command), 0);
}

static void a_result_that_cannot_be_written_runs_nothing(void **state)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	struct sbx_run_options options = default_options(argv);

	(void)state;
	need_cgroup2();
	options.result_path = "/no/such/dir/result.json";
	assert_int_equal(run_options(&options), 125);
	options.result_path = "fd:77";
	assert_int_equal(run_options(&options), 125);
	assert_clean();
}

static void a_clean_default_log_is_removed_and_another_is_kept(void **state)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	struct sbx_run_options options = default_options(argv);
	char path[200];

	(void)state;
	need_cgroup2();
	options.name = "clean";
	assert_int_equal(run_options(&options), 0);
	assert_true(json_is_null(result_get("provenance", "log")));
	(void)snprintf(path, sizeof(path), "%s/clean.jsonl", fixture.logs);
	assert_int_equal(access(path, F_OK), -1);
	options.keep_log = true;
	assert_int_equal(run_options(&options), 0);
	assert_string_equal(json_string_value(result_get("provenance", "log")), path);
	assert_int_equal(sbx_audit_verify(path, NULL), 0);
	/* A later run of that name without refusals must not take the older records away. */
	options.keep_log = false;
	assert_int_equal(run_options(&options), 0);
	assert_int_equal(access(path, F_OK), 0);
}

static long long traffic_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void the_result_has_the_traffic_and_its_twenty_largest_destinations(void **state)
{
	struct sbx_meter meter = {
		.rate = { 1250000, 0 },
		.passed = { { 300, 30000 }, { 2, 200 } },
		.dropped = { { 7, 700 }, { 0, 0 } },
		.loopback = { { 0, 0 }, { 5, 500 } },
		.other = { { 11, 1100 }, { 0, 0 } },
	};
	json_t *network, *out, *in, *lines;

	(void)state;
	need_cgroup2();
	fake_engine.shared->meter = meter;
	fake_engine.shared->n_dests = 25;
	assert_int_equal(run_shell("exit 0"), 0);
	network = result_get("metrics", "network");
	out = json_object_get(network, "egress");
	in = json_object_get(network, "ingress");
	lines = json_object_get(network, "destinations");
	assert_int_equal(traffic_of(out, "packets"), 300);
	assert_int_equal(traffic_of(out, "bytes"), 30000);
	assert_int_equal(traffic_of(out, "dropped_bytes"), 700);
	assert_int_equal(traffic_of(out, "limit"), 10000000);
	assert_int_equal(traffic_of(in, "loopback_packets"), 5);
	assert_true(json_is_null(json_object_get(in, "limit")));
	assert_int_equal(traffic_of(network, "destinations_known"), 25);
	assert_int_equal(traffic_of(json_object_get(network, "overflow"), "egress_packets"), 11);
	assert_int_equal(json_array_size(lines), 20);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(traffic_of(json_array_get(lines, i), "egress_packets"), 24 - i);
	assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "address")),
			    "10.0.0.24");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(lines, 0), "protocol")), "tcp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(the_commands_own_status_is_passed_on),
		JOB_TEST(a_signal_becomes_128_plus_its_number),
		JOB_TEST(a_missing_command_is_127),
		JOB_TEST(a_file_that_cannot_be_executed_is_126),
		JOB_TEST(a_script_without_an_interpreter_line_goes_to_the_shell),
		JOB_TEST(a_refused_exec_is_126_and_names_the_line),
		JOB_TEST(the_time_limit_ends_the_whole_tree_with_124),
		JOB_TEST(background_processes_do_not_outlive_the_command),
		JOB_TEST(a_task_that_names_the_job_is_killed_outside_its_cgroup),
		JOB_TEST(too_many_violations_end_the_job),
		JOB_TEST(a_quarantined_job_is_ended),
		JOB_TEST(a_failed_bind_runs_nothing_and_leaves_nothing),
		JOB_TEST(an_unwritable_log_runs_nothing_and_leaves_nothing),
		JOB_TEST(a_workdir_that_is_missing_is_125),
		JOB_TEST(a_name_in_use_is_refused),
		JOB_TEST(a_result_goes_to_a_descriptor),
		JOB_TEST(a_result_replaces_an_old_one_and_leaves_no_temporary_file),
		JOB_TEST(a_result_that_cannot_be_written_runs_nothing),
		JOB_TEST(a_clean_default_log_is_removed_and_another_is_kept),
		JOB_TEST(the_result_has_the_traffic_and_its_twenty_largest_destinations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

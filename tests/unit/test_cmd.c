// SPDX-License-Identifier: GPL-2.0-only
/* Verbs as the shell sees them: exit status, stdout, stderr. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include "cmd/cmd.h"

#define WORDS_MAX 16

static char out[16384];
static char errors[16384];

static void slurp(const char *name, char *buf, size_t size)
{
	sbx_cleanup(sbx_closep) int fd = open(file_in_dir(name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
}

/* Runs a verb with the words of `line` in a process of its own; its exit status. */
static int verb(int (*run)(int argc, char **argv), const char *line)
{
	char *copy = strdup(line);
	char *argv[WORDS_MAX + 1] = { NULL };
	int argc = 0;
	pid_t pid;
	int status;

	for (char *word = strtok(copy, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	pid = fork();
	if (!pid) {
		(void)dup2(open(file_in_dir("out"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
			   1);
		(void)dup2(open(file_in_dir("err"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
			   2);
		sbx_log_set_level(SBX_LOG_INFO);
		status = run(argc, argv);
		(void)fflush(stdout);
		_exit(status);
	}
	status = wait_status(pid);
	free(copy);
	slurp("out", out, sizeof(out));
	slurp("err", errors, sizeof(errors));
	return status;
}

static void write_file(const char *name, const char *text)
{
	sbx_cleanup(sbx_fclosep) FILE *file = fopen(file_in_dir(name), "we");

	assert_non_null(file);
	(void)fputs(text, file);
}

/* "VERB ... FILE" with FILE in the test's directory. Valid until the next call. */
static const char *with_file(const char *format, const char *name)
{
	static char line[512];

	(void)snprintf(line, sizeof(line), "%s%s/%s", format, fixture.dir, name);
	return line;
}

static void help_fits_one_screen_and_goes_to_stdout(void **state)
{
	static const struct {
		int (*run)(int argc, char **argv);
		const char *line;
	} verbs[] = {
		{ sbx_cmd_run, "run --help" },	       { sbx_cmd_check, "check --help" },
		{ sbx_cmd_doctor, "doctor --help" },   { sbx_cmd_ps, "ps --help" },
		{ sbx_cmd_load, "load --help" },       { sbx_cmd_unload, "unload --help" },
		{ sbx_cmd_gc, "gc --help" },	       { sbx_cmd_audit, "audit --help" },
		{ sbx_cmd_explain, "explain --help" }, { sbx_cmd_version, "version --help" },
		{ sbx_cmd_stats, "stats --help" },
	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(verbs); i++) {
		int lines = 0;

		assert_int_equal(verb(verbs[i].run, verbs[i].line), 0);
		assert_string_equal(errors, "");
		for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n")) {
			assert_true(strlen(line) <= 80);
			lines++;
		}
		/* run mirrors the policy file: its rules take a dozen more */
		assert_true(lines > 1 && lines < (verbs[i].run == sbx_cmd_run ? 36 : 24));
	}
}

static void a_misspelt_option_is_125_and_names_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(verb(sbx_cmd_run, "run --polcy x -- true"), 125);
	assert_non_null(strstr(errors, "\"--polcy\": did you mean \"--policy\"?"));
	assert_int_equal(verb(sbx_cmd_run, "run -Z -- true"), 125);
	assert_non_null(strstr(errors, "unknown option \"-Z\""));
	assert_int_equal(verb(sbx_cmd_run, "run --policy"), 125);
	assert_non_null(strstr(errors, "needs an argument"));
	assert_int_equal(verb(sbx_cmd_run, "run --quiet=yes -- true"), 125);
	assert_non_null(strstr(errors, "takes no argument"));
	assert_string_equal(out, "");
}

static void bad_option_values_are_125(void **state)
{
	(void)state;
	assert_int_equal(verb(sbx_cmd_run, "run"), 125);
	assert_non_null(strstr(errors, "no command"));
	assert_int_equal(verb(sbx_cmd_run, "run --mode soft -- true"), 125);
	assert_int_equal(verb(sbx_cmd_run, "run --require magic -- true"), 125);
	assert_int_equal(verb(sbx_cmd_run, "run --set novalue -- true"), 125);
	assert_int_equal(verb(sbx_cmd_check, "check"), 125);
	assert_int_equal(verb(sbx_cmd_gc, "gc now"), 125);
	assert_int_equal(verb(sbx_cmd_unload, "unload now"), 125);
	assert_int_equal(verb(sbx_cmd_audit, "audit"), 125);
	assert_int_equal(verb(sbx_cmd_audit, "audit verfy x"), 125);
	assert_int_equal(verb(sbx_cmd_audit, "audit verify"), 125);
}

static void a_good_policy_is_ok(void **state)
{
	(void)state;
	write_file("good.yaml", POLICY_OPEN);
	assert_int_equal(verb(sbx_cmd_check, with_file("check ", "good.yaml")), 0);
	assert_non_null(strstr(out, "good.yaml: ok\n"));
	assert_string_equal(errors, "");
	assert_int_equal(verb(sbx_cmd_check, with_file("check --print ", "good.yaml")), 0);
	assert_null(strstr(out, ": ok"));
	assert_true(strlen(out) > 0);
}

static void all_faults_are_reported_with_their_lines(void **state)
{
	json_error_t error;
	json_t *faults;

	(void)state;
	write_file("bad.yaml", "version: 1\nname: x\nfilesytem: {}\nguards: {mount: maybe}\n");
	assert_int_equal(verb(sbx_cmd_check, with_file("check ", "bad.yaml")), 125);
	assert_non_null(strstr(errors, "bad.yaml:3:"));
	assert_non_null(strstr(errors, "bad.yaml:4:"));
	assert_string_equal(out, "");
	assert_int_equal(verb(sbx_cmd_check, with_file("check --json ", "bad.yaml")), 125);
	faults = json_loads(out, 0, &error);
	assert_true(json_array_size(faults) >= 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(faults, 0), "line")), 3);
	json_decref(faults);
	assert_int_equal(verb(sbx_cmd_check, "check /no/such.yaml"), 125);
}

static void version_is_printed(void **state)
{
	(void)state;
	assert_int_equal(verb(sbx_cmd_version, "version"), 0);
	assert_memory_equal(out, "sbx-bpf ", 8);
	assert_int_equal(verb(sbx_cmd_version, "version --json"), 0);
	assert_non_null(strstr(out, "\"schema\""));
}

static void run_goes_from_policy_file_to_result(void **state)
{
	char line[512];

	(void)state;
	need_cgroup2();
	write_file("p.yaml", POLICY_OPEN);
	(void)snprintf(line, sizeof(line),
		       "run -p %s/p.yaml -n cli --result %s --mode audit -- sh -c exit",
		       fixture.dir, fixture.result);
	assert_int_equal(verb(sbx_cmd_run, line), 0);
	assert_string_equal(out, "");
	assert_string_equal(errors, "");
	read_result();
	assert_string_equal(json_string_value(json_object_get(fixture.json, "job")), "cli");
	assert_string_equal(json_string_value(result_get("isolation", "mode")), "audit");
	assert_clean();
}

static void a_faulty_policy_gives_a_result_with_reason_setup(void **state)
{
	char line[512];

	(void)state;
	write_file("bad.yaml", "version: 1\nname: x\nfilesytem: {}\n");
	(void)snprintf(line, sizeof(line), "run -p %s/bad.yaml --result %s -- true", fixture.dir,
		       fixture.result);
	assert_int_equal(verb(sbx_cmd_run, line), 125);
	read_result();
	assert_reason("setup");
	assert_int_equal(json_integer_value(result_get("exit", "status")), 125);
	assert_non_null(strstr(errors, "bad.yaml:3:"));
}

static void a_failing_engine_is_125_with_cause_and_cure(void **state)
{
	char line[512];

	(void)state;
	need_cgroup2();
	write_file("p.yaml", POLICY_OPEN);
	fake_engine.shared->open_error = -ENOTSUP;
	(void)snprintf(line, sizeof(line), "run -p %s/p.yaml --result %s -- true", fixture.dir,
		       fixture.result);
	assert_int_equal(verb(sbx_cmd_run, line), 125);
	assert_non_null(strstr(errors, "the fake engine was told to fail"));
	assert_non_null(strstr(errors, "fake cure"));
	read_result();
	assert_reason("setup");
	(void)snprintf(line, sizeof(line), "run --require best-effort -p %s/p.yaml -- true",
		       fixture.dir);
	assert_int_equal(verb(sbx_cmd_run, line), 125);
	assert_non_null(strstr(errors, "fake cure"));
	assert_int_equal(verb(sbx_cmd_doctor, "doctor"), 1);
	assert_non_null(strstr(out, "missing"));
}

static void doctor_says_ok_and_how_it_was_found_out(void **state)
{
	json_error_t error;
	json_t *report;

	(void)state;
	need_cgroup2();
	assert_int_equal(verb(sbx_cmd_doctor, "doctor"), 0);
	assert_non_null(strstr(out, "/sys/kernel/security/lsm: fake,bpf"));
	assert_int_equal(verb(sbx_cmd_doctor, "doctor --json"), 0);
	report = json_loads(out, 0, &error);
	assert_true(json_is_true(json_object_get(report, "enforceable")));
	json_decref(report);
}

static void doctor_proves_only_with_the_suite_and_an_engine(void **state)
{
	(void)state;
	need_cgroup2();
	assert_int_equal(verb(sbx_cmd_doctor, "doctor --prove"), 125);
	assert_non_null(strstr(errors, "attack suite is not installed"));
	assert_non_null(strstr(errors, "make install"));
	fake_engine.shared->open_error = -ENOTSUP;
	assert_int_equal(verb(sbx_cmd_doctor, "doctor --prove"), 125);
	assert_non_null(strstr(errors, "fake cure"));
	assert_int_equal(verb(sbx_cmd_doctor, "doctor now"), 125);
	assert_non_null(strstr(errors, "\"now\""));
}

static void gc_ps_load_and_unload_answer(void **state)
{
	(void)state;
	need_cgroup2();
	assert_int_equal(verb(sbx_cmd_gc, "gc"), 0);
	assert_string_equal(out, "removed 0 jobs and 0 engines\n");
	assert_int_equal(verb(sbx_cmd_ps, "ps --json"), 0);
	assert_string_equal(out, "[]\n");
	assert_int_equal(verb(sbx_cmd_stats, "stats"), 0);
	assert_non_null(strstr(out, "RECEIVED"));
	assert_null(strstr(strchr(out, '\n') + 1, "\n"));
	assert_int_equal(verb(sbx_cmd_stats, "stats no-such-job"), 125);
	assert_non_null(strstr(errors, "no-such-job"));
	assert_int_equal(verb(sbx_cmd_stats, "stats a b"), 125);
	assert_int_equal(verb(sbx_cmd_load, "load"), 0);
	assert_non_null(strstr(out, "mechanism lsm"));
	assert_int_equal(verb(sbx_cmd_load, "load --mechanism cgroup"), 0);
	assert_int_equal(verb(sbx_cmd_load, "load --mechanism magic"), 125);
	assert_int_equal(verb(sbx_cmd_unload, "unload --force"), 0);
}

static void verify_tells_an_unreadable_log_from_a_changed_one(void **state)
{
	(void)state;
	assert_int_equal(verb(sbx_cmd_audit, "audit verify /no/such.jsonl"), 125);
	write_file("log.jsonl", "no record\n");
	assert_int_equal(verb(sbx_cmd_audit, with_file("audit verify ", "log.jsonl")), 1);
}

static void explain_asks_for_a_log_what_a_policy_says_now(void **state)
{
	static const char record[] =
		"{\"schema\":\"sbx-bpf/event/1\",\"ts\":\"2026-01-01T00:00:00.000000Z\",\"seq\":%d,"
		"\"type\":\"%s\",\"op\":\"open\",%s\"rights\":[\"read\"],"
		"\"object\":{\"path\":\"/srv/data\"}}\n";
	char log[2048], line[512];
	int n = snprintf(log, sizeof(log), record, 1, "violation", "");

	(void)state;
	n += snprintf(log + n, sizeof(log) - (size_t)n, record, 2, "violation", "");
	n += snprintf(log + n, sizeof(log) - (size_t)n, record, 3, "escape",
		      "\"guard\":\"ptrace\",");
	(void)snprintf(log + n, sizeof(log) - (size_t)n,
		       "{\"schema\":\"sbx-bpf/event/1\",\"type\":\"lifecycle\"}\n");
	write_file("log", log);
	write_file("p.yaml", "version: 1\nfilesystem: {rules: [{allow: read, paths: /srv}]}\n");
	(void)snprintf(line, sizeof(line), "explain --log %s/log %s/p.yaml", fixture.dir,
		       fixture.dir);
	assert_int_equal(verb(sbx_cmd_explain, line), 1);
	assert_non_null(strstr(out, "allow      read /srv/data  (2 in the log)\n    by "));
	assert_non_null(strstr(out, "deny       ptrace  (1 in the log)\n    by built in"));
	write_file("log", "no record\n");
	assert_int_equal(verb(sbx_cmd_explain, line), 125);
	assert_non_null(strstr(errors, "/log\", line 1"));
}

static void explain_needs_a_policy_and_a_question(void **state)
{
	(void)state;
	write_file("p.yaml", "version: 1\n");
	assert_int_equal(verb(sbx_cmd_explain, "explain"), 125);
	assert_int_equal(verb(sbx_cmd_explain, with_file("explain ", "p.yaml")), 125);
	assert_non_null(strstr(errors, "no question"));
	assert_int_equal(verb(sbx_cmd_explain, "explain nosuch ptrace"), 125);
	assert_int_equal(verb(sbx_cmd_explain, "explain base ptrac"), 125);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(help_fits_one_screen_and_goes_to_stdout),
		JOB_TEST(a_misspelt_option_is_125_and_names_the_nearest),
		JOB_TEST(bad_option_values_are_125),
		JOB_TEST(a_good_policy_is_ok),
		JOB_TEST(all_faults_are_reported_with_their_lines),
		JOB_TEST(version_is_printed),
		JOB_TEST(run_goes_from_policy_file_to_result),
		JOB_TEST(a_faulty_policy_gives_a_result_with_reason_setup),
		JOB_TEST(a_failing_engine_is_125_with_cause_and_cure),
		JOB_TEST(doctor_says_ok_and_how_it_was_found_out),
		JOB_TEST(doctor_proves_only_with_the_suite_and_an_engine),
		JOB_TEST(gc_ps_load_and_unload_answer),
		JOB_TEST(explain_asks_for_a_log_what_a_policy_says_now),
		JOB_TEST(explain_needs_a_policy_and_a_question),
		JOB_TEST(verify_tells_an_unreadable_log_from_a_changed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs whole jobs under the fake engine: each in a process of its own, as sbx-bpf would, with the
 * result read back from the file it wrote.  Needs root and a writable cgroup2; else tests skip.
 */
#ifndef JOB_FIXTURE_H
#define JOB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <sys/wait.h>
#include <time.h>

#include "fake_engine.h"
#include "job/parts.h"
#include "lib/diag.h"
#include "lib/log.h"

#define POLICY_OPEN                                              \
	"version: 1\nname: test\nfilesystem: {default: allow}\n" \
	"network: {mode: full}\n"

struct fixture {
	bool usable;
	char dir[64]; /* a directory for the test's files */
	char jobs[96];
	char logs[96];
	char result[96];
	struct sbx_policy *policy;
	struct sbx_compiled *compiled;
	json_t *json; /* result of the last run */
};

static struct fixture fixture;

/* What the launcher's caller did to it; runs in the launcher's process only. */
static void (*before_launch)(void);

static inline void load_policy(const char *text)
{
	const struct sbx_policy_vars vars = { .home = "/root",
					      .workdir = "/tmp",
					      .tmpdir = "/tmp" };
	struct sbx_diags diags = { 0 };

	sbx_compiled_free(fixture.compiled);
	sbx_policy_free(fixture.policy);
	fixture.compiled = NULL;
	fixture.policy = NULL;
	if (sbx_policy_parse("test.yaml", text, strlen(text), &vars, &fixture.policy, &diags) ||
	    sbx_policy_compile(fixture.policy, NULL, NULL, &fixture.compiled, &diags)) {
		sbx_diags_print(&diags, stderr, false);
		fail_msg("the test's policy has faults");
	}
	sbx_diags_free(&diags);
}

static inline int fixture_setup(void **state)
{
	(void)state;
	memset(&fixture, 0, sizeof(fixture));
	before_launch = NULL;
	(void)strcpy(fixture.dir, "/tmp/sbx-unit-XXXXXX");
	if (!mkdtemp(fixture.dir))
		return -1;
	(void)snprintf(fixture.jobs, sizeof(fixture.jobs), "%s/jobs", fixture.dir);
	(void)snprintf(fixture.logs, sizeof(fixture.logs), "%s/logs", fixture.dir);
	(void)snprintf(fixture.result, sizeof(fixture.result), "%s/result.json", fixture.dir);
	sbx_state_set_dirs(fixture.jobs, fixture.logs);
	sbx_log_set_level(SBX_LOG_ERROR);
	fixture.usable = geteuid() == 0 && !fake_init();
	load_policy(POLICY_OPEN);
	return 0;
}

static inline int fixture_teardown(void **state)
{
	char command[128];

	(void)state;
	json_decref(fixture.json);
	sbx_compiled_free(fixture.compiled);
	sbx_policy_free(fixture.policy);
	if (fake_engine.shared && fake_engine.shared != MAP_FAILED)
		fake_done();
	(void)snprintf(command, sizeof(command), "rm -rf %s", fixture.dir);
	return system(command);
}

static inline void need_cgroup2(void)
{
	if (fixture.usable)
		return;
	print_message("skipped: needs root and a writable cgroup2\n");
	skip();
}

/* In the forked launcher: what sbx-bpf run does; never returns. */
static inline void be_launcher(const struct sbx_run_options *options)
{
	struct sbx_run_result result = { 0 };
	struct sbx_error err = { 0 };

	if (sbx_job_check_descriptors(options->policy, &err) ||
	    sbx_job_run(&fake_engine, options, &result, &err)) {
		(void)fprintf(stderr, "launcher: %s\n", err.text);
		_exit(SBX_EXIT_FAILURE);
	}
	json_decref(result.json);
	_exit(result.exit_status);
}

static inline struct sbx_run_options default_options(char *const *argv)
{
	return (struct sbx_run_options){ .argv = argv,
					 .policy = fixture.policy,
					 .compiled = fixture.compiled,
					 .result_path = fixture.result,
					 .quiet = true };
}

/* Starts a launcher; with `quiet_stderr` its messages are dropped. */
static inline pid_t start_launcher(const struct sbx_run_options *options, bool quiet_stderr)
{
	pid_t pid = fork();

	if (!pid) {
		if (quiet_stderr)
			(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		if (before_launch)
			before_launch();
		be_launcher(options);
	}
	assert_true(pid > 0);
	return pid;
}

static inline int wait_status(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void read_result(void)
{
	json_error_t error;

	json_decref(fixture.json);
	fixture.json = json_load_file(fixture.result, 0, &error);
	assert_non_null(fixture.json);
}

/* One command to its end; its exit status. The result is in fixture.json. */
static inline int run_options(const struct sbx_run_options *options)
{
	int status = wait_status(start_launcher(options, true));

	if (!access(fixture.result, F_OK))
		read_result();
	return status;
}

static inline int run_argv(char *const *argv)
{
	const struct sbx_run_options options = default_options(argv);

	return run_options(&options);
}

static inline int run_shell(const char *script)
{
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, strdup(script), NULL };
	int status = run_argv(argv);

	free(argv[2]);
	return status;
}

/* A string or number in the result, by a path such as "exit", "reason". */
static inline json_t *result_get(const char *object, const char *key)
{
	json_t *value = json_object_get(json_object_get(fixture.json, object), key);

	assert_non_null(value);
	return value;
}

static inline void assert_reason(const char *reason)
{
	assert_string_equal(json_string_value(result_get("exit", "reason")), reason);
}

static inline void sleep_ms(long ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Path of a file in the test's directory. Valid until the next call. */
static inline const char *file_in_dir(const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", fixture.dir, name);
	return path;
}

/* Waits until the file holds `n` lines or twenty seconds have passed, then gives its numbers. */
static inline int read_pids(const char *path, pid_t *pids, int n)
{
	for (int tries = 0; tries < 2000; tries++) {
		sbx_cleanup(sbx_fclosep) FILE *file = fopen(path, "re");
		int got = 0;

		while (file && got < n && fscanf(file, "%d", &pids[got]) == 1)
			got++;
		if (got == n)
			return got;
		sleep_ms(10);
	}
	return 0;
}

static inline bool alive(pid_t pid)
{
	char path[64];
	char text[512];
	const char *at;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (sbx_cgroup_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	return at && at[2] != 'Z';
}

/* Nothing of any job is left: no record, no cgroup, no binding. */
static inline void assert_clean(void)
{
	assert_int_not_equal(rmdir(fixture.jobs) && errno != ENOENT, 1);
	for (size_t i = 0; i < FAKE_JOBS_MAX; i++)
		assert_int_equal(fake_engine.shared->jobs[i].binding.job, 0);
	assert_int_not_equal(rmdir(fake_engine.root) && errno != ENOENT, 1);
}

#define JOB_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif /* JOB_FIXTURE_H */

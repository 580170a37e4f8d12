// SPDX-License-Identifier: GPL-2.0-only
/*
 * The weakness of programs on kernel functions (fmod_ret): a task that is preempted inside one lets
 * the others of that processor pass.  Two tasks on one processor open a file that is denied, so
 * deep that each spends most of its time inside the program.  On a kernel that preempts itself some
 * get through, and the log says so; on any other, and under BPF LSM, none ever does. (tests/vm/run
 * --kernel 7.3, or --append preempt=full)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/start.h"

#define DEPTH 240 /* of SBX_DEPTH_MAX */
#define MS "3000"

static const char policy[] = "version: 1\n"
			     "name: test\n"
			     "audit: {rate: 10/s}\n"
			     "guards: {mount: log}\n" /* so that Landlock does not help out */
			     "filesystem:\n"
			     "  default: allow\n"
			     "  rules:\n"
			     "    - {deny: [read], paths: " T "/deep}\n";

static bool load(const char *mechanism)
{
	return !command(
		(const char *const[]){ sbx_bin(), "load", "-q", "--mechanism", mechanism, NULL });
}

static bool has_lsm(void)
{
	const char *list = slurp("/sys/kernel/security/lsm");

	return list && strstr(list, "bpf");
}

/* Once, at the end: taking the programs out of the kernel takes long. */
static int unload_end(void **state)
{
	int r = runs_end(state);

	(void)command((const char *const[]){ sbx_bin(), "unload", "-f", "-q", NULL });
	return r;
}

static long passed(const struct run *run)
{
	long n = 0;

	for (const char *at = run->out; (at = strstr(at, "passed ")); at++)
		n += atol(at + 7);
	return n;
}

static void hammer(const char *require, struct run *ret_run)
{
	static char depth[8];
	const char *const argv[] = { ACT, "hammer", T "/deep", "file", depth, MS, NULL };
	const char *const options[] = { "--require", require, NULL };
	const struct start start = {
		.name = "skips", .policy = policy, .argv = argv, .options = options, .loud = true
	};

	(void)snprintf(depth, sizeof(depth), "%d", DEPTH);
	make(T "/deep/", "");
	assert_int_equal(command((const char *const[]){ ACT, "-x", "deepen", T "/deep", "file",
							depth, NULL }),
			 0);
	do_run(&start, ret_run);
}

static void check_records(const struct run *run)
{
	long long count = 0;

	for (size_t i = 0; i < json_array_size(run->log); i++) {
		const json_t *record = json_array_get(run->log, i);

		if (strcmp(json_string_value(json_object_get(record, "type")), "skipped"))
			continue;
		assert_int_equal(json_integer_value(json_object_get(record, "severity")), 5);
		count += json_integer_value(json_object_get(record, "count"));
	}
	assert_int_equal(count, result_number(run, "metrics.skipped"));
}

static void what_fmod_ret_lets_pass_is_in_the_log(void **state)
{
	struct run run;

	(void)state;
	assert_true(load("fmod_ret"));
	hammer("best-effort", &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(result_text(&run, "isolation.files"), "fmod_ret");
	check_records(&run);
	if (kernel_preempts()) {
		printf("note: %ld of a denied file's opens got through, %lld skips were counted\n",
		       passed(&run), result_number(&run, "metrics.skipped"));
		assert_true(passed(&run) > 0);
		assert_true(result_number(&run, "metrics.skipped") >= passed(&run));
		assert_non_null(strstr(run.err, "did not call programs of the engine"));
	} else {
		assert_int_equal(passed(&run), 0);
		assert_int_equal(result_number(&run, "metrics.skipped"), 0);
	}
	assert_true(result_number(&run, "metrics.violations") > 0);
	free_run(&run);
}

static void it_is_not_enough_for_require_kernel_there(void **state)
{
	struct run run;

	(void)state;
	hammer("kernel", &run);
	if (!kernel_preempts()) {
		assert_int_equal(run.status, 0);
		assert_string_equal(result_text(&run, "isolation.files"), "fmod_ret");
	} else if (has_lsm()) { /* nobody uses the engine, so it was replaced */
		assert_int_equal(run.status, 0);
		assert_string_equal(result_text(&run, "isolation.files"), "lsm");
	} else {
		assert_int_equal(run.status, 125);
		assert_non_null(strstr(run.err, "can preempt a task"));
		assert_non_null(strstr(run.err, "sched/preempt"));
		assert_non_null(strstr(run.err, "best-effort"));
	}
	assert_int_equal(passed(&run), 0);
	free_run(&run);
}

static void bpf_lsm_lets_nothing_pass(void **state)
{
	struct run run;

	(void)state;
	if (!has_lsm()) {
		assert_false(load("lsm"));
		return;
	}
	assert_true(load("lsm"));
	hammer("kernel", &run);
	assert_int_equal(run.status, 0);
	assert_int_equal(passed(&run), 0);
	check_records(&run);
	assert_true(result_number(&run, "metrics.violations") > 0);
	free_run(&run);
}

/* A mechanism is not changed under a job's feet. */
static void an_engine_in_use_is_not_replaced(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo here; sleep 60", NULL };
	static const char *const options[] = { "--require", "best-effort", NULL };
	const struct start start = {
		.name = "user", .policy = policy, .argv = argv, .options = options
	};
	int status = 0;
	const char *said;
	struct run run;

	(void)state;
	start_run(&start, &run);
	wait_for_line(&run, "here");
	said = output_of((const char *const[]){ sbx_bin(), "load", "--mechanism", "cgroup", NULL },
			 &status);
	assert_int_equal(status, 125);
	assert_non_null(strstr(said, "1 job is still bound to it"));
	assert_int_equal(command((const char *const[]){ sbx_bin(), "unload", "-f", "-q", NULL }),
			 0);
	end_run(&run);
	free_run(&run);
	assert_true(load("cgroup"));
	assert_string_equal(mechanism(), "cgroup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(what_fmod_ret_lets_pass_is_in_the_log),
		RUNS_TEST(it_is_not_enough_for_require_kernel_there),
		RUNS_TEST(bpf_lsm_lets_nothing_pass),
		cmocka_unit_test_setup_teardown(an_engine_in_use_is_not_replaced, test_begin,
						unload_end),
	};

	return RUN_SUITE("skips", tests);
}

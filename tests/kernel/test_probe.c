// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether jobs run is decided by what the kernel enforces: on one that has `bpf` among its active
 * security modules they do; on any other (tests/vm/run --lsm without-bpf) nothing is run at all.
 * So this suite is not skipped where the others are.
 */
#include <stdio.h>
#include <string.h>

#include "lib/start.h"

#define P "version: 1\nname: test\nfilesystem: {default: allow}\n"
#define RAN T "/ran"

static bool bpf_is_active(void)
{
	const char *list = slurp("/sys/kernel/security/lsm");
	const char *at = list;

	while (at && (at = strstr(at, "bpf"))) {
		if ((at == list || at[-1] == ',') && (!at[3] || at[3] == ',' || at[3] == '\n'))
			return true;
		at += 3;
	}
	return false;
}

static void check_says(const char *where, const char *words)
{
	if (!where || !strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where ? where : "(nothing)");
}

static void nothing_runs_where_nothing_would_be_enforced(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo > " RAN, NULL };
	static const char *const best_effort[] = { "--require", "best-effort", NULL };
	struct start start = { .name = "probe", .policy = P, .argv = argv, .loud = true };
	struct run run;

	(void)state;
	for (int i = 0; i < 2; i++) {
		do_run(&start, &run);
		if (bpf_is_active()) {
			assert_int_equal(run.status, 0);
			assert_true(exists(RAN));
		} else {
			assert_int_equal(run.status, 125);
			assert_false(exists(RAN));
			check_says(run.err, "`bpf` is missing from the active security modules");
			check_says(run.err, "lsm=");
			assert_string_equal(result_text(&run, "exit.reason"), "setup");
			assert_int_equal(count_records(run.log, "violation"), 0);
			assert_null(pins_dir());
		}
		free_run(&run);
		check_no_leftovers();
		start.options = best_effort;
	}
}

static void doctor_says_what_is_missing(void **state)
{
	int status;
	const char *said = output_of((const char *const[]){ sbx_bin(), "doctor", NULL }, &status);

	(void)state;
	if (bpf_is_active()) {
		assert_int_equal(status, 0);
		return;
	}
	assert_int_equal(status, 1);
	check_says(said, "missing  BPF LSM");
	check_says(said, "boot with");
	said = output_of((const char *const[]){ sbx_bin(), "load", NULL }, &status);
	assert_int_equal(status, 125);
	check_says(said, "`bpf` is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(nothing_runs_where_nothing_would_be_enforced),
		RUNS_TEST(doctor_says_what_is_missing),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL) ? 1 : 0;
}

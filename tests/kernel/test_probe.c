// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether jobs run is decided by what the kernel enforces: on one that has `bpf` among its active
 * security modules they do; on any other (tests/vm/run --lsm without-bpf) only what is content with
 * best effort.
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

static void runs_where_enough_is_enforced(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo > " RAN, NULL };
	static const char *const best_effort[] = { "--require", "best-effort", NULL };
	struct start start = { .name = "probe", .policy = P, .argv = argv, .loud = true };
	struct run run;

	(void)state;
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
	do_run(&start, &run);
	assert_int_equal(run.status, 0);
	assert_true(exists(RAN));
	if (!bpf_is_active()) {
		check_says(run.err, "addresses only");
		assert_string_equal(result_text(&run, "isolation.files"), "none");
		assert_string_equal(result_text(&run, "isolation.network"), "cgroup");
	}
	free_run(&run);
	check_no_leftovers();
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
	check_says(said, "mechanism cgroup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(runs_where_enough_is_enforced),
		RUNS_TEST(doctor_says_what_is_missing),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL) ? 1 : 0;
}

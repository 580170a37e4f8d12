// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether jobs run, and by which mechanism, is decided by what the kernel enforces: lsm where `bpf`
 * is among its active security modules; on any other (tests/vm/run --lsm without-bpf) fmod_ret,
 * which is enough for `require: kernel` where the kernel cannot preempt itself. So this suite is
 * not skipped where the others are.
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

static const char *best_mechanism(void)
{
	return bpf_is_active() ? "lsm" : "fmod_ret";
}

static void check_ran(struct start *start)
{
	struct run run;

	do_run(start, &run);
	assert_int_equal(run.status, 0);
	assert_true(exists(RAN));
	/* best effort may put Landlock beside it */
	check_says(result_text(&run, "isolation.files"), best_mechanism());
	assert_string_equal(result_text(&run, "isolation.network"),
			    text("%s+cgroup", best_mechanism()));
	free_run(&run);
}

static void check_refused(struct start *start)
{
	struct run run;

	do_run(start, &run);
	assert_int_equal(run.status, 125);
	assert_false(exists(RAN));
	check_says(run.err, "`bpf` is missing from the active security modules");
	check_says(run.err, "this kernel can preempt a task");
	check_says(run.err, "lsm=");
	check_says(run.err, "`require: best-effort`");
	assert_string_equal(result_text(&run, "exit.reason"), "setup");
	assert_int_equal(count_records(run.log, "violation"), 0);
	assert_null(pins_dir());
	free_run(&run);
}

static void runs_where_enough_is_enforced(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo > " RAN, NULL };
	static const char *const kernel[] = { "--require", "kernel", NULL };
	static const char *const best_effort[] = { "--require", "best-effort", NULL };
	struct start start = { .name = "probe", .policy = P, .argv = argv, .loud = true };

	(void)state;
	(void)command((const char *const[]){ sbx_bin(), "unload", "-q", NULL });
	start.options = kernel;
	if (!bpf_is_active() && kernel_preempts())
		check_refused(&start);
	else
		check_ran(&start);
	check_no_leftovers();
	start.options = best_effort;
	check_ran(&start);
	check_no_leftovers();
}

static void doctor_says_what_is_missing(void **state)
{
	bool enough = bpf_is_active() || !kernel_preempts();
	int status;
	const char *said = output_of((const char *const[]){ sbx_bin(), "doctor", NULL }, &status);

	(void)state;
	check_says(said, text("mechanism %s", best_mechanism()));
	assert_int_equal(status, enough ? 0 : 1);
	if (bpf_is_active())
		return;
	check_says(said, "missing  BPF LSM");
	check_says(said, "boot with");
}

/* The whole canary and a run, from a network namespace whose loopback interface is down. */
static void it_loads_where_no_address_can_be_reached(void **state)
{
	const char *script =
		text("%s unload -q && %s load -q ${SBX_MECHANISM:+--mechanism $SBX_MECHANISM} && "
		     "%s run -q --preset none ${SBX_REQUIRE:+--require $SBX_REQUIRE} -- true",
		     sbx_bin(), sbx_bin(), sbx_bin());
	const char *const argv[] = { "/usr/bin/unshare", "-n", "/bin/sh", "-c", script, NULL };

	(void)state;
	assert_int_equal(command(argv), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(runs_where_enough_is_enforced),
		RUNS_TEST(doctor_says_what_is_missing),
		RUNS_TEST(it_loads_where_no_address_can_be_reached),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL) ? 1 : 0;
}

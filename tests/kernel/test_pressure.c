// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refusals by the hundred thousand: not one is missing from the accounts, whatever becomes of
 * its record.  What is compared with is the number that the job itself saw as EACCES.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/start.h"

#define SECRET T "/secret"
#define POLICY(rate)                                        \
	"version: 1\nname: test\naudit: {rate: " rate "}\n" \
	"filesystem: {default: allow, rules: [{deny: [read], paths: " SECRET "}]}\n"

/* What `flood` says at its end. */
struct flood {
	long refused;
	long tried;
	long ms;
};

static struct flood read_flood(const struct run *run)
{
	struct flood flood = { 0 };

	if (run->status || !run->out ||
	    sscanf(run->out, "refused %ld of %ld in %ld ms", &flood.refused, &flood.tried,
		   &flood.ms) != 3)
		fail_msg("%s: exit status %d, said: %s%s", run->name, run->status, run->out,
			 run->err);
	/* Where best effort is the most there is, programs can be skipped, and each skip counts. */
	if (flood.refused != flood.tried &&
	    (!getenv("SBX_REQUIRE") ||
	     result_number(run, "metrics.skipped") < flood.tried - flood.refused))
		fail_msg("%ld refused of %ld, %lld skips", flood.refused, flood.tried,
			 result_number(run, "metrics.skipped"));
	return flood;
}

static void print_flood(const char *what, const struct flood *flood, const struct account *account)
{
	printf("  %s: %ld refusals in %ld ms (%ld/s): %lld lines, %lld lost, %lld limited\n", what,
	       flood->refused, flood->ms, flood->refused * 1000 / (flood->ms ? flood->ms : 1),
	       account->lines, account->lost, account->limited);
}

/* One job, `n` opens at `rate`; its accounts are right. */
static struct account run_flood(const char *policy, const char *n, const char *rate,
				struct flood *ret_flood)
{
	const char *const argv[] = { ACT, "flood", n, rate, SECRET, NULL };
	const struct start start = {
		.name = "flood", .policy = policy, .argv = argv, .huge = true
	};
	struct account account;
	struct run run;

	make(SECRET, "x");
	do_run(&start, &run);
	*ret_flood = read_flood(&run);
	check_accounts(&run, ret_flood->refused, &account);
	free_run(&run);
	return account;
}

static void at_full_speed_lines_and_lost_are_all_refusals(void **state)
{
	struct flood flood;
	struct account account = run_flood(POLICY("max"), "200000", "0", &flood);

	(void)state;
	print_flood("full speed", &flood, &account);
	assert_int_equal(account.limited, 0);
	assert_true(account.lines > 0);
}

static void at_five_thousand_a_second_nothing_is_lost(void **state)
{
	struct flood flood;
	struct account account = run_flood(POLICY("max"), "20000", "5000", &flood);

	(void)state;
	print_flood("5000/s asked for", &flood, &account);
	assert_true(flood.ms >= 3900);
	assert_int_equal(account.lost, 0);
	assert_int_equal(account.lines, flood.refused);
}

static void beyond_the_rate_refusals_are_counted_not_recorded(void **state)
{
	struct flood flood;
	struct account account = run_flood(POLICY("200/s"), "30000", "0", &flood);

	(void)state;
	print_flood("200/s recorded", &flood, &account);
	assert_true(account.limited > 0);
	/* Whole seconds of the kernel's clock: one begun at each end. */
	assert_true(account.lines + account.lost <= 200 * (flood.ms / 1000 + 2));
	assert_true(account.lines + account.lost >= 200);
}

static void a_noisy_job_costs_the_other_nothing(void **state)
{
	static const char *const noise[] = { ACT, "flood", "100000", "0", SECRET, NULL };
	static const char *const hum[] = { ACT, "flood", "600", "100", SECRET, NULL };
	const struct start noisy = {
		.name = "noisy", .policy = POLICY("max"), .argv = noise, .huge = true
	};
	const struct start quiet = {
		.name = "quiet", .policy = POLICY("max"), .argv = hum, .huge = true
	};
	struct account account;
	struct run runs[2];
	struct flood flood;

	(void)state;
	make(SECRET, "x");
	start_run(&noisy, &runs[0]);
	start_run(&quiet, &runs[1]);
	end_run(&runs[1]);
	end_run(&runs[0]);
	flood = read_flood(&runs[1]);
	check_accounts(&runs[1], flood.refused, &account);
	print_flood("quiet", &flood, &account);
	assert_int_equal(account.lost, 0);
	assert_int_equal(account.lines, flood.refused);
	flood = read_flood(&runs[0]);
	check_accounts(&runs[0], flood.refused, &account);
	print_flood("noisy", &flood, &account);
	free_run(&runs[0]);
	free_run(&runs[1]);
	check_no_leftovers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(at_full_speed_lines_and_lost_are_all_refusals),
		RUNS_TEST(at_five_thousand_a_second_nothing_is_lost),
		RUNS_TEST(beyond_the_rate_refusals_are_counted_not_recorded),
		RUNS_TEST(a_noisy_job_costs_the_other_nothing),
	};

	return RUN_SUITE("pressure", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * limits.disk_write: every road by which bytes come into a file is charged, and how many got
 * through with a budget of 1 MiB.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "lib/start.h"

#define D "/var/tmp/sbx-disk" /* T is in memory */
#define BUDGET (1024 * 1024)
#define SIZE "4194304"
#define CHUNK "65536"
#define POLICY(budget)                            \
	POLICY_OPEN "guards: {io_uring: allow}\n" \
		    "limits: {disk_write: " budget "}\n"

/* A file of 4 MiB of one byte, on the disk. */
static void make_big(const char *path, int byte)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (int i = 0; i < 4 * BUDGET; i++)
		(void)fputc(byte, file);
	assert_int_equal(fclose(file), 0);
}

static int disk_begin(void **state)
{
	static const char *const clear[] = { "rm", "-rf", D, NULL };
	struct statfs fs;

	if (test_begin(state) || command(clear) || mkdir(D, 0755) || statfs(D, &fs))
		return -1;
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == OVERLAYFS_SUPER_MAGIC)
		skip_because("/var/tmp is on no disk");
	make_big(D "/source", 's');
	return 0;
}

static int disk_end(void **state)
{
	static const char *const clear[] = { "rm", "-rf", D, NULL };
	int r = runs_end(state);

	return command(clear) || r ? -1 : 0;
}

/* Bytes of a file that are `byte`. */
static long long count_bytes(const char *path, int byte)
{
	FILE *file = fopen(path, "re");
	long long n = 0;
	int c;

	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		n += c == byte;
	assert_int_equal(fclose(file), 0);
	return n;
}

static long long used(const struct outcome *outcome)
{
	json_t *limits = json_object_get(outcome->result, "limits");

	return json_integer_value(json_object_get(json_object_get(limits, "disk_write"), "peak"));
}

static bool hit(const struct outcome *outcome)
{
	json_t *limits = json_object_get(outcome->result, "limits");

	return json_is_true(json_object_get(json_object_get(limits, "disk_write"), "hit"));
}

static void fill(const char *policy, const char *road, const char *want, struct outcome *ret)
{
	const struct row rows[] = {
		{ text("%sfill %s " D "/out " SIZE " " CHUNK " " D "/source",
		       strstr(road, "map") ? "fork " : "", road),
		  want },
	};
	const struct job job = { .policy = policy, .rows = rows, .n_rows = 1 };

	run_job(&job, ret);
}

static void a_write_beyond_the_budget_is_refused_on_every_road(void **state)
{
	static const char *const roads[] = { "write",  "overwrite", "direct", "pwritev",  "uring",
					     "splice", "sendfile",  "copy",   "fallocate" };
	struct outcome outcome;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(roads); i++) {
		(void)unlink(D "/out");
		fill(POLICY("1M"), roads[i], "EDQUOT", &outcome);
		assert_int_equal(stat(D "/out", &st), 0);
		print_message("%s: %lld bytes of %d got through, %lld charged\n", roads[i],
			      (long long)st.st_size, BUDGET, used(&outcome));
		assert_int_equal(st.st_size, BUDGET);
		assert_in_range(used(&outcome), BUDGET, BUDGET + 8192);
		assert_true(hit(&outcome));
		assert_int_equal(count_records(outcome.log, "limit"), 1);
		outcome_free(&outcome);
	}
}

static void a_write_within_the_budget_passes_on_every_road(void **state)
{
	static const char *const roads[] = { "write",	  "overwrite", "direct",   "pwritev",
					     "uring",	  "splice",    "sendfile", "copy",
					     "fallocate", "truncate" };
	struct outcome outcome;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(roads); i++) {
		(void)unlink(D "/out");
		fill(POLICY("5M"), roads[i], "ok", &outcome);
		assert_int_equal(stat(D "/out", &st), 0);
		assert_int_equal(st.st_size, 4 * BUDGET);
		print_message("%s: %lld charged for %d\n", roads[i], used(&outcome), 4 * BUDGET);
		if (strcmp(roads[i], "truncate"))
			assert_in_range(used(&outcome), 4 * BUDGET, 5 * BUDGET);
		else
			assert_in_range(used(&outcome), 0, 8192);
		assert_false(hit(&outcome));
		outcome_free(&outcome);
	}
}

static void who_stores_beyond_the_budget_by_a_mapping_is_ended(void **state)
{
	static const struct {
		const char *road;
		int byte;
		int slack;
	} roads[] = { { "map", 'm', 2 * 65536 }, { "read-map", 's', 6 * 65536 } };
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(roads); i++) {
		long long through;

		make_big(D "/out", '-');
		sync();
		fill(POLICY("1M"), roads[i].road, "SIGKILL", &outcome);
		through = count_bytes(D "/out", roads[i].byte);
		print_message("%s: %lld bytes of %d got through, %lld charged\n", roads[i].road,
			      through, BUDGET, used(&outcome));
		assert_in_range(through, BUDGET - 65536, BUDGET + roads[i].slack);
		assert_true(hit(&outcome));
		outcome_free(&outcome);
		make_big(D "/out", '-');
		sync();
		fill(POLICY("5M"), roads[i].road, "ok", &outcome);
		assert_int_equal(count_bytes(D "/out", roads[i].byte), 4 * BUDGET);
		assert_in_range(used(&outcome), 4 * BUDGET, 5 * BUDGET);
		assert_false(hit(&outcome));
		outcome_free(&outcome);
	}
}

static void what_needs_no_size_is_refused_once_the_budget_is_spent(void **state)
{
	static const struct row rows[] = {
		{ "map-store " D "/source", "ok" },
		{ "map-store-later " D "/source", "ok" },
		{ "fill write " D "/out " SIZE " " CHUNK " " D "/source", "EDQUOT" },
		{ "map-store " D "/source", "EDQUOT" },
		{ "map-store-later " D "/source", "EDQUOT" },
		{ "fill truncate " D "/new " SIZE " " CHUNK " " D "/source", "EDQUOT" },
		{ "write " D "/out", "EDQUOT" },
		{ "read " D "/out", "ok" },
		{ "map " D "/out r", "ok" },
		{ "truncate " D "/out", "ok" }, /* to nothing */
		{ "unlink " D "/out", "ok" },
		{ "fill write " T "/out " SIZE " " CHUNK " " D "/source", "ok" }, /* memory */
		{ "write-out", "ok" },						  /* a pipe */
	};
	const struct job job = { .policy = POLICY("1M"), .rows = rows, .n_rows = ARRAY_SIZE(rows) };
	struct outcome outcome;

	(void)state;
	run_job(&job, &outcome);
	outcome_free(&outcome);
}

static void many_writers_get_no_more_through_than_one(void **state)
{
	static const char *const argv[] = {
		"/bin/sh",
		"-c",
		"for i in 1 2 3 4 5 6; do " ACT " -x fill write " D "/out.$i " SIZE " 4096 " D
		"/source & done; wait",
		NULL,
	};
	const struct start start = { .name = "many", .policy = POLICY("1M"), .argv = argv };
	struct run run;
	long long sum = 0;
	struct stat st;

	(void)state;
	do_run(&start, &run);
	for (int i = 1; i <= 6; i++) {
		assert_int_equal(stat(text(D "/out.%d", i), &st), 0);
		sum += st.st_size;
	}
	print_message("six writers: %lld bytes of %d got through\n", sum, BUDGET);
	assert_in_range(sum, BUDGET - 6 * 4096, BUDGET);
	free_run(&run);
}

static void a_command_that_is_ended_for_it_is_named_so(void **state)
{
	static const char *const argv[] = {
		ACT, "fill", "map", D "/out", SIZE, CHUNK, D "/source", NULL,
	};
	const struct start start = { .name = "store", .policy = POLICY("1M"), .argv = argv };
	struct run run;

	(void)state;
	make_big(D "/out", '-');
	sync();
	do_run(&start, &run);
	assert_int_equal(run.status, 128 + 9);
	assert_string_equal(result_text(&run, "exit.reason"), "limit");
	assert_non_null(strstr(result_text(&run, "exit.message"), "limits.disk_write: 1048576"));
	free_run(&run);
}

static void mode_audit_counts_and_refuses_nothing(void **state)
{
	struct outcome outcome;
	struct stat st;

	(void)state;
	fill("version: 1\nname: test\nmode: audit\nfilesystem: {default: allow}\n"
	     "limits: {disk_write: 1M}\n",
	     "write", "ok", &outcome);
	assert_int_equal(stat(D "/out", &st), 0);
	assert_int_equal(st.st_size, 4 * BUDGET);
	assert_true(hit(&outcome));
	outcome_free(&outcome);
}

static void an_overlay_is_charged_once_and_for_what_it_copies_up(void **state)
{
	static const struct row rows[] = {
		{ "fill overwrite " D "/m/out " SIZE " " CHUNK " " D "/source", "EDQUOT" },
	};
	static const struct row copies[] = { { "fork open w " D "/m/big", "SIGKILL" } };
	const struct job job = { .policy = POLICY("1M"), .rows = rows, .n_rows = 1 };
	const struct job copy = { .policy = POLICY("1M"), .rows = copies, .n_rows = 1 };
	struct outcome outcome;
	struct stat st;

	(void)state;
	make(D "/l/", "");
	make(D "/u/", "");
	make(D "/w/", "");
	make(D "/m/", "");
	make_big(D "/l/big", 'l');
	if (!make_mount("overlay", D "/m", "overlay", 0,
			"lowerdir=" D "/l,upperdir=" D "/u,workdir=" D "/w"))
		skip_because("no overlayfs");
	run_job(&job, &outcome);
	assert_int_equal(stat(D "/u/out", &st), 0);
	assert_int_equal(st.st_size, BUDGET);
	outcome_free(&outcome);
	run_job(&copy, &outcome);
	assert_true(hit(&outcome));
	outcome_free(&outcome);
}

#define DISK_TEST(f) cmocka_unit_test_setup_teardown(f, disk_begin, disk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(a_write_beyond_the_budget_is_refused_on_every_road),
		DISK_TEST(a_write_within_the_budget_passes_on_every_road),
		DISK_TEST(who_stores_beyond_the_budget_by_a_mapping_is_ended),
		DISK_TEST(what_needs_no_size_is_refused_once_the_budget_is_spent),
		DISK_TEST(many_writers_get_no_more_through_than_one),
		DISK_TEST(a_command_that_is_ended_for_it_is_named_so),
		DISK_TEST(mode_audit_counts_and_refuses_nothing),
		DISK_TEST(an_overlay_is_charged_once_and_for_what_it_copies_up),
	};

	return RUN_SUITE("disk", tests);
}

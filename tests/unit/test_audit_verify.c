// SPDX-License-Identifier: GPL-2.0-only
/* Each way of tampering with a log is found and named. */
#include "audit_fixture.h"

#define LINES_MAX 32

struct copy {
	char path[64];
	char *text;
	char *lines[LINES_MAX]; /* each without its newline */
	size_t n;
};

static void split(struct copy *copy)
{
	copy->n = 0;
	for (char *at = copy->text; *at;) {
		char *end = strchr(at, '\n');

		assert_non_null(end);
		assert_true(copy->n < LINES_MAX);
		*end = '\0';
		copy->lines[copy->n++] = at;
		at = end + 1;
	}
}

/* A finished log: start, events 1 2, lost 3-4, event 5, end: six lines. */
static int setup_chained(void **state, bool chain)
{
	struct copy *copy = calloc(1, sizeof(*copy));
	struct sbx_audit_options options;
	struct sbx_audit_log *log;

	fixture_path(copy->path, sizeof(copy->path));
	options = fixture_options(copy->path);
	options.chain = chain;
	log = fixture_start(&options);
	fixture_put(log, 1);
	fixture_put(log, 2);
	fixture_put(log, 5);
	assert_int_equal(fixture_end(log, 5, 0), 0);
	copy->text = fixture_read(copy->path);
	split(copy);
	assert_int_equal(copy->n, 6);
	*state = copy;
	return 0;
}

static int setup(void **state)
{
	return setup_chained(state, true);
}

static int setup_unchained(void **state)
{
	return setup_chained(state, false);
}

static int teardown(void **state)
{
	struct copy *copy = *state;

	fixture_remove(copy->path);
	free(copy->text);
	free(copy);
	return 0;
}

/* Writes the lines in the order of `order` ("012345") and checks what the verifier says. */
static void assert_verdict(const struct copy *copy, const char *order, int code, const char *why)
{
	struct sbx_error err = { 0 };
	FILE *file = fopen(copy->path, "we");
	int r;

	assert_non_null(file);
	for (; *order; order++)
		assert_true(fprintf(file, "%s\n", copy->lines[*order - '0']) > 0);
	assert_int_equal(fclose(file), 0);
	r = sbx_audit_verify(copy->path, &err);
	if (r != code || (why && !strstr(err.text, why)))
		fail_msg("%d, not %d: %s", r, code, err.text);
}

static void an_untouched_log_is_intact(void **state)
{
	assert_verdict(*state, "012345", 0, NULL);
}

static void a_changed_line_is_found(void **state)
{
	struct copy *copy = *state;
	char *at = strstr(copy->lines[1], "/etc/shadow");

	assert_non_null(at);
	at[5] = 'S';
	assert_verdict(copy, "012345", -EBADMSG, "line 2: it was changed");
}

static void a_changed_hash_is_found(void **state)
{
	struct copy *copy = *state;
	char *hash = strstr(copy->lines[2], "\"hash\":\"") + 8;

	*hash = *hash == 'a' ? 'b' : 'a';
	assert_verdict(copy, "012345", -EBADMSG, "line 3");
}

static void a_line_that_is_cut_out_is_found(void **state)
{
	assert_verdict(*state, "01345", -EBADMSG, "line 3: lines before it are missing");
}

static void a_log_that_lost_its_beginning_is_found(void **state)
{
	assert_verdict(*state, "12345", -EBADMSG, "line 1: lines before it are missing");
}

static void swapped_lines_are_found(void **state)
{
	assert_verdict(*state, "021345", -EBADMSG, "line 2");
}

static void a_doubled_line_is_found(void **state)
{
	assert_verdict(*state, "0112345", -EBADMSG, "line 3");
}

static void a_log_without_its_end_is_unfinished_not_tampered_with(void **state)
{
	assert_verdict(*state, "01234", -ENODATA, "unfinished");
	assert_verdict(*state, "0", -ENODATA, "unfinished");
	assert_verdict(*state, "", -ENODATA, "empty");
}

static void a_cut_end_shows_against_a_head_kept_elsewhere(void **state)
{
	struct copy *copy = *state;
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	char head[65];

	(void)snprintf(head, sizeof(head), "%.64s", strstr(copy->lines[5], "\"hash\":\"") + 8);
	assert_int_equal(sbx_audit_verify_report(copy->path, head, NULL, &report, &err), 0);
	head[0] = head[0] == 'a' ? 'b' : 'a';
	assert_int_equal(sbx_audit_verify_report(copy->path, head, NULL, &report, &err), -EBADMSG);
}

static void a_half_line_is_found(void **state)
{
	struct copy *copy = *state;
	struct sbx_error err = { 0 };

	fixture_write(copy->path, copy->lines[0], strlen(copy->lines[0]) / 2);
	assert_int_equal(sbx_audit_verify(copy->path, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "cut off"));
}

static void removed_hashes_are_found(void **state)
{
	struct copy *copy = *state;

	memcpy(strstr(copy->lines[3], ",\"prev\""), "}", 2);
	assert_verdict(copy, "012345", -EBADMSG, "line 4: its hash was removed");
}

static void a_member_after_the_hash_is_found(void **state)
{
	struct copy *copy = *state;
	char line[4096];

	(void)snprintf(line, sizeof(line), "%.*s,\"x\":1}", (int)strlen(copy->lines[1]) - 1,
		       copy->lines[1]);
	copy->lines[1] = line;
	assert_verdict(copy, "012345", -EBADMSG, "line 2");
}

/* Without a chain the numbers alone have to do. */
static void a_gap_without_a_lost_record_is_found(void **state)
{
	assert_verdict(*state, "01245", -EBADMSG, "a gap");
}

static void a_number_twice_is_found(void **state)
{
	assert_verdict(*state, "0112345", -EBADMSG, "was there before");
}

static void a_missing_last_event_shows_in_the_counters(void **state)
{
	assert_verdict(*state, "01235", -EBADMSG, "counts other lines");
}

static void a_lost_record_that_does_not_fit_is_found(void **state)
{
	assert_verdict(*state, "0123345", -EBADMSG, "does not fit");
}

static void lines_outside_a_run_are_found(void **state)
{
	assert_verdict(*state, "12345", -EBADMSG, "no start record");
	assert_verdict(*state, "0123451", -EBADMSG, "no start record");
}

static void an_unchained_log_says_so(void **state)
{
	assert_verdict(*state, "012345", -ENOTSUP, "no hash chain");
}

static void a_file_that_is_not_there_is_another_error(void **state)
{
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_audit_verify("/nowhere", &err), -ENOENT);
	assert_int_equal(sbx_audit_verify("/tmp", &err), -EISDIR);
}

#define CHAINED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define UNCHAINED(test) cmocka_unit_test_setup_teardown(test, setup_unchained, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHAINED(an_untouched_log_is_intact),
		CHAINED(a_changed_line_is_found),
		CHAINED(a_changed_hash_is_found),
		CHAINED(a_line_that_is_cut_out_is_found),
		CHAINED(a_log_that_lost_its_beginning_is_found),
		CHAINED(swapped_lines_are_found),
		CHAINED(a_doubled_line_is_found),
		CHAINED(a_log_without_its_end_is_unfinished_not_tampered_with),
		CHAINED(a_cut_end_shows_against_a_head_kept_elsewhere),
		CHAINED(a_half_line_is_found),
		CHAINED(removed_hashes_are_found),
		CHAINED(a_member_after_the_hash_is_found),
		UNCHAINED(a_gap_without_a_lost_record_is_found),
		UNCHAINED(a_number_twice_is_found),
		UNCHAINED(a_missing_last_event_shows_in_the_counters),
		UNCHAINED(a_lost_record_that_does_not_fit_is_found),
		UNCHAINED(lines_outside_a_run_are_found),
		UNCHAINED(an_unchained_log_says_so),
		cmocka_unit_test(a_file_that_is_not_there_is_another_error),
	};

	return cmocka_run_group_tests_name("audit verify", tests, NULL, NULL);
}

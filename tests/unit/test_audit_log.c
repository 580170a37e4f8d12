// SPDX-License-Identifier: GPL-2.0-only
/* The log file: what is written, by whom, and what happens when it cannot be. */
#include "audit_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

/* Line `n` (from 0) of a log as JSON, or NULL. */
static json_t *record_at(const char *text, size_t n)
{
	for (; n && text; n--) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text && *text ? json_loadb(text, strcspn(text, "\n"), 0, NULL) : NULL;
}

static const char *member(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value ? value : "";
}

static long long integer(const json_t *record, const char *key)
{
	return json_integer_value(json_object_get(record, key));
}

static void assert_intact(const char *path, struct sbx_audit_report *ret_report)
{
	struct sbx_error err = { 0 };

	if (sbx_audit_verify_report(path, NULL, NULL, ret_report, &err))
		fail_msg("%s", err.text);
}

static void a_run_is_start_events_end_in_one_chain(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	char *text;
	json_t *start;
	json_t *end;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	{
		struct sbx_audit_log *log = fixture_start(&options);

		fixture_put(log, 1);
		fixture_put(log, 2);
		assert_int_equal(fixture_end(log, 2, 0), 0);
	}
	assert_intact(path, &report);
	assert_int_equal(report.records, 4);
	assert_int_equal(report.events, 2);
	text = fixture_read(path);
	start = record_at(text, 0);
	end = record_at(text, 3);
	assert_string_equal(member(start, "event"), "start");
	assert_string_equal(member(start, "policy_sha256"), FIXTURE_SHA);
	assert_string_equal(member(start, "prev"), ZERO);
	assert_string_equal(json_string_value(json_array_get(json_object_get(start, "command"), 2)),
			    "cat /etc/shadow");
	assert_string_equal(member(end, "event"), "end");
	assert_string_equal(member(end, "hash"), report.head);
	assert_int_equal(integer(json_object_get(end, "counters"), "lines"), 2);
	assert_null(json_object_get(json_object_get(end, "result"), "schema"));
	json_decref(start);
	json_decref(end);
	free(text);
	fixture_remove(path);
}

static void the_file_is_private(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct stat st;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	assert_int_equal(fixture_end(fixture_start(&options), 0, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	fixture_remove(path);
}

static void a_second_run_continues_the_chain(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	for (int i = 0; i < 2; i++) {
		struct sbx_audit_log *log = fixture_start(&options);

		fixture_put(log, 1); /* each run counts from 1 */
		assert_int_equal(fixture_end(log, 1, 0), 0);
	}
	assert_intact(path, &report);
	assert_int_equal(report.records, 6);
	assert_int_equal(report.runs, 2);
	fixture_remove(path);
}

static void the_head_is_the_last_records_hash(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	char head[65];

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	sbx_audit_flush(log, NULL, true);
	assert_int_equal(sbx_audit_end(log, NULL, NULL), 0);
	assert_int_equal(strlen(sbx_audit_head(log)), 64);
	(void)snprintf(head, sizeof(head), "%s", sbx_audit_head(log));
	sbx_audit_close(log);
	assert_intact(path, &report);
	assert_string_equal(head, report.head);
	fixture_remove(path);
}

static void a_hole_becomes_a_lost_record(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	char *text;
	json_t *lost;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	fixture_put(log, 1);
	fixture_put(log, 5);
	assert_int_equal(fixture_end(log, 7, 0), 0);
	assert_intact(path, &report);
	assert_int_equal(report.events, 2);
	assert_int_equal(report.lost, 5);
	text = fixture_read(path);
	lost = record_at(text, 2);
	assert_string_equal(member(lost, "type"), "lost");
	assert_int_equal(integer(lost, "from"), 2);
	assert_int_equal(integer(lost, "to"), 4);
	assert_int_equal(integer(lost, "count"), 3);
	json_decref(lost);
	free(text);
	fixture_remove(path);
}

/* An event at `ns` of boot time, so that a test can let a second pass. */
static void put_at(struct sbx_audit_log *log, __u64 seq, __u64 ns, __u64 limited)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(seq, &size);

	event->time = ns;
	event->limited = limited;
	sbx_audit_event(log, event, size);
	free(event);
}

static void a_latecomer_is_written_and_its_loss_corrected(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	struct sbx_audit_counts counts;
	char *text;
	json_t *correction;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	put_at(log, 4, 10000000000, 0);
	put_at(log, 5, 12000000000, 0);
	put_at(log, 2, 12000000001, 0);
	sbx_audit_counts(log, &counts);
	assert_int_equal(counts.lines, 3);
	assert_int_equal(counts.lost, 2);
	assert_int_equal(fixture_end(log, 5, 0), 0);
	assert_intact(path, &report);
	assert_int_equal(report.events + report.lost, 5);
	text = fixture_read(path);
	correction = record_at(text, 4);
	assert_int_equal(integer(correction, "from"), 2);
	assert_int_equal(integer(correction, "count"), -1);
	assert_string_equal(member(correction, "cause"), "late");
	json_decref(correction);
	free(text);
	fixture_remove(path);
}

static void rate_limited_stretches_are_summed_up(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	put_at(log, 1, 1000000000, 0);
	put_at(log, 2, 1000000001, 70);
	put_at(log, 3, 1000000002, 70);
	assert_int_equal(fixture_end(log, 3, 100), 0);
	assert_intact(path, &report);
	assert_int_equal(report.limited, 100);
	assert_int_equal(report.records, 1 + 3 + 2 + 1);
	fixture_remove(path);
}

static void a_log_in_use_names_the_job(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_log *log;
	struct sbx_audit_log *second = NULL;
	struct sbx_error err = { 0 };

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	assert_int_equal(sbx_audit_open(&options, &second, &err), -EBUSY);
	assert_non_null(strstr(err.text, "job build-7"));
	assert_int_equal(fixture_end(log, 0, 0), 0);
	fixture_remove(path);
}

static void assert_open_fails(const struct sbx_audit_options *options, int code)
{
	struct sbx_audit_log *log = NULL;
	struct sbx_error err = { 0 };

	assert_int_equal(sbx_audit_open(options, &log, &err), code);
	assert_true(err.text[0] != '\0');
}

static void what_is_no_log_is_not_written_to(void **state)
{
	char path[64];
	char link[80];
	struct sbx_audit_options options;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	fixture_write(path, "root:x:0:0\n", 11);
	assert_open_fails(&options, -EBADMSG);
	fixture_write(path, "{}\n", 3);
	assert_open_fails(&options, -EBADMSG);
	fixture_write(path, "{\"schema\":\"sbx-bpf/event/1\"}", 28);
	assert_open_fails(&options, -EBADMSG); /* cut off */
	(void)snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	options.path = link;
	assert_open_fails(&options, -ELOOP);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_open_fails(&options, -EINVAL);
	assert_int_equal(unlink(link), 0);
	options.path = "/nowhere/at/all.jsonl";
	assert_open_fails(&options, -ENOENT);
	fixture_remove(path);
}

static void chained_and_unchained_runs_do_not_mix(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_error err = { 0 };

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	options.chain = false;
	for (int i = 0; i < 2; i++)
		assert_int_equal(fixture_end(fixture_start(&options), 0, 0), 0);
	assert_int_equal(sbx_audit_verify(path, &err), -ENOTSUP);
	options.chain = true;
	assert_open_fails(&options, -EINVAL);
	fixture_remove(path);
}

static void without_a_file_only_the_tally_counts(void **state)
{
	const struct sbx_audit_options options = fixture_options(NULL);
	struct sbx_audit_log *log = fixture_start(&options);
	const struct sbx_tally_row *rows = NULL;

	(void)state;
	fixture_put(log, 1);
	fixture_put(log, 2);
	assert_int_equal(sbx_tally_rows(sbx_audit_tally(log), &rows), 1);
	assert_int_equal(rows[0].count, 2);
	assert_string_equal(sbx_audit_head(log), "");
	assert_int_equal(fixture_end(log, 2, 0), 0);
}

static void a_best_effort_log_goes_on_without_its_file(void **state)
{
	struct sbx_audit_options options = fixture_options("/nowhere/at/all.jsonl");
	struct sbx_audit_log *log;

	(void)state;
	options.best_effort_write = true;
	log = fixture_start(&options);
	fixture_put(log, 1);
	assert_int_equal(sbx_audit_write_errors(log), 1);
	assert_int_equal(fixture_end(log, 1, 0), -ENOENT);
}

static void a_limit_is_a_record_of_its_own(void **state)
{
	char path[64];
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	json_t *details = json_pack("{s:i}", "oom_kills", 1);

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	log = fixture_start(&options);
	sbx_audit_limit(log, "memory", details);
	assert_int_equal(fixture_end(log, 0, 0), 0);
	assert_intact(path, &report);
	assert_int_equal(report.records, 3);
	json_decref(details);
	fixture_remove(path);
}

static void a_commands_bytes_survive(void **state)
{
	char path[64];
	char bad[] = "\xff\x1b[0m\x7f";
	char *command[] = { bad, NULL };
	struct sbx_audit_options options;
	struct sbx_audit_log *log = NULL;
	char *text;
	json_t *start;

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	assert_int_equal(sbx_audit_open(&options, &log, NULL), 0);
	assert_int_equal(sbx_audit_start(log, command, NULL, NULL), 0);
	sbx_audit_close(log);
	text = fixture_read(path);
	start = record_at(text, 0);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(start, "command_bytes"), 0)),
		"ff1b5b306d7f");
	json_decref(start);
	free(text);
	fixture_remove(path);
}

/* What happens to a log in a file of at most `limit` bytes; exit status of the child. */
static int full_disk_child(const char *path, rlim_t limit, bool room_again)
{
	const struct rlimit narrow = { limit, RLIM_INFINITY };
	const struct rlimit wide = { RLIM_INFINITY, RLIM_INFINITY };
	struct sbx_audit_options options = fixture_options(path);
	struct sbx_audit_log *log = fixture_start(&options);
	__u64 seq = 0;

	if (setrlimit(RLIMIT_FSIZE, &narrow))
		return 10;
	for (int i = 0; i < 40; i++) {
		fixture_put(log, ++seq);
		sbx_audit_flush(log, NULL, false);
	}
	if (room_again && setrlimit(RLIMIT_FSIZE, &wide))
		return 11;
	sbx_audit_flush(log, NULL, true);
	if (sbx_audit_end(log, NULL, NULL) != -EFBIG)
		return 12;
	if ((sbx_audit_write_errors(log) == 0) != room_again)
		return 13;
	sbx_audit_close(log);
	return 0;
}

static void full_disk(const char *path, bool room_again)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(full_disk_child(path, 8000, room_again));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_full_disk_leaves_whole_lines_and_is_counted(void **state)
{
	char path[64];
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	struct stat st;

	(void)state;
	fixture_path(path, sizeof(path));
	full_disk(path, false);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 8000);
	assert_int_equal(sbx_audit_verify_report(path, NULL, NULL, &report, &err), -ENODATA);
	assert_true(report.events > 0);
	fixture_remove(path);
}

static void when_there_is_room_again_nothing_is_missing(void **state)
{
	char path[64];
	struct sbx_audit_report report;

	(void)state;
	fixture_path(path, sizeof(path));
	full_disk(path, true);
	assert_intact(path, &report);
	assert_int_equal(report.events, 40);
	assert_int_equal(report.lost, 0);
	fixture_remove(path);
}

/* More than the writer keeps waiting, then room: the rest is declared lost, the sum is exact. */
static int overflow_child(const char *path)
{
	const struct rlimit narrow = { 8000, RLIM_INFINITY };
	const struct rlimit wide = { RLIM_INFINITY, RLIM_INFINITY };
	struct sbx_audit_options options = fixture_options(path);
	struct sbx_audit_log *log = fixture_start(&options);
	struct sbx_job_state state = { .seq = 20001, .refused = 20001 };

	if (setrlimit(RLIMIT_FSIZE, &narrow))
		return 10;
	for (__u64 seq = 1; seq <= 20000; seq++)
		fixture_put(log, seq == 7 ? 8 : seq == 8 ? 7 : seq);
	if (sbx_audit_write_errors(log) == 0)
		return 11;
	if (setrlimit(RLIMIT_FSIZE, &wide))
		return 12;
	sbx_audit_flush(log, NULL, false);
	fixture_put(log, 20001);
	if (sbx_audit_end(log, NULL, &state) != -EFBIG)
		return 13;
	sbx_audit_close(log);
	return 0;
}

static void what_could_not_wait_is_declared_lost(void **state)
{
	char path[64];
	struct sbx_audit_report report;
	int status = 0;
	pid_t pid;

	(void)state;
	fixture_path(path, sizeof(path));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(overflow_child(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_intact(path, &report);
	assert_true(report.lost > 0);
	assert_int_equal(report.events + report.lost, 20001);
	fixture_remove(path);
}

static void a_start_that_cannot_be_written_is_an_error(void **state)
{
	struct sbx_audit_options options = fixture_options("/dev/shm/sbx-audit-full");
	struct sbx_audit_log *log = NULL;
	struct sbx_error err = { 0 };
	int status = 0;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };
		int r;

		if (sbx_audit_open(&options, &log, &err) || setrlimit(RLIMIT_FSIZE, &none))
			_exit(1);
		r = sbx_audit_start(log, NULL, NULL, &err);
		sbx_audit_close(log);
		_exit(r == -EFBIG && strstr(err.text, "EFBIG") ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(unlink(options.path), 0);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_start_events_end_in_one_chain),
		cmocka_unit_test(the_file_is_private),
		cmocka_unit_test(a_second_run_continues_the_chain),
		cmocka_unit_test(the_head_is_the_last_records_hash),
		cmocka_unit_test(a_hole_becomes_a_lost_record),
		cmocka_unit_test(a_latecomer_is_written_and_its_loss_corrected),
		cmocka_unit_test(rate_limited_stretches_are_summed_up),
		cmocka_unit_test(a_log_in_use_names_the_job),
		cmocka_unit_test(what_is_no_log_is_not_written_to),
		cmocka_unit_test(chained_and_unchained_runs_do_not_mix),
		cmocka_unit_test(without_a_file_only_the_tally_counts),
		cmocka_unit_test(a_best_effort_log_goes_on_without_its_file),
		cmocka_unit_test(a_limit_is_a_record_of_its_own),
		cmocka_unit_test(a_commands_bytes_survive),
		cmocka_unit_test(a_full_disk_leaves_whole_lines_and_is_counted),
		cmocka_unit_test(when_there_is_room_again_nothing_is_missing),
		cmocka_unit_test(what_could_not_wait_is_declared_lost),
		cmocka_unit_test(a_start_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests_name("audit log", tests, NULL, NULL);
}

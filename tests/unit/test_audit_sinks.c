// SPDX-License-Identifier: GPL-2.0-only
/* Rotation, reopening, and the sinks that get copies: slow ones, full ones, ones that vanish. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare */
#endif
#include "audit_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "audit/sinks.h"

static void in_dir(const char *path, const char *name, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%.*s/%s", (int)(strrchr(path, '/') - path), path, name);
}

static int listen_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Everything that is there now, each datagram ended by a newline; NULL: nothing. */
static char *read_now(int fd, bool stream)
{
	char *text = calloc(1, 8 * 1024 * 1024);
	size_t len = 0;
	ssize_t n;

	assert_non_null(text);
	while ((n = recv(fd, text + len, 1024 * 1024, MSG_DONTWAIT)) > 0) {
		len += (size_t)n;
		if (!stream)
			text[len++] = '\n';
	}
	return text;
}

struct counted {
	long long events;
	long long told; /* as lost */
	long long statements;
	bool ended;
	long long cut; /* lines that are no JSON */
};

/* What a reader of the copies knows. */
static void count(const char *text, struct counted *counted)
{
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		json_t *record = json_loadb(line, strcspn(line, "\n"), 0, NULL);
		const char *type = json_string_value(json_object_get(record, "type"));
		const char *event = json_string_value(json_object_get(record, "event"));

		counted->cut += !record;
		counted->events += type && !strcmp(type, "violation");
		counted->ended |= event && !strcmp(event, "end");
		if (type && !strcmp(type, "lost")) {
			counted->statements++;
			counted->told += json_integer_value(json_object_get(record, "count"));
		}
		json_decref(record);
		if (!strchr(line, '\n'))
			return;
	}
}

static long long figure(const struct sbx_audit_log *log, const char *key)
{
	json_t *rows = sbx_audit_sinks(log);
	long long value = json_integer_value(json_object_get(json_array_get(rows, 0), key));

	json_decref(rows);
	return value;
}

static void put_many(struct sbx_audit_log *log, __u64 from, __u64 to)
{
	for (__u64 seq = from; seq <= to; seq++)
		fixture_put(log, seq);
	sbx_audit_flush(log, NULL, false);
}

static void remove_rotated(const char *path, unsigned int n)
{
	char name[128];

	for (unsigned int i = 1; i <= n; i++) {
		(void)snprintf(name, sizeof(name), "%s.%u", path, i);
		(void)unlink(name); /* not all are there */
	}
}

/* 500 events make some 350 KiB. */
static void write_rotated(const char *path, unsigned int keep)
{
	struct sbx_audit_options options = fixture_options(path);
	struct sbx_audit_log *log;

	options.rotation = (struct sbx_rotation){ 65536, keep };
	log = fixture_start(&options);
	put_many(log, 1, 500);
	assert_int_equal(fixture_end(log, 500, 0), 0);
}

static void a_log_is_rotated_by_size_and_its_chain_goes_on(void **state)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	char path[64];
	char name[80];
	struct stat st;

	(void)state;
	fixture_path(path, sizeof(path));
	write_rotated(path, 50);
	if (sbx_audit_verify_report(path, NULL, NULL, &report, &err))
		fail_msg("%s", err.text);
	assert_true(report.files >= 5);
	assert_int_equal(report.events, 500);
	assert_false(report.earlier);
	for (unsigned int i = 1; i < report.files; i++) {
		(void)snprintf(name, sizeof(name), "%s.%u", path, i);
		assert_int_equal(stat(name, &st), 0);
		assert_in_range(st.st_size, 60000, 70000);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	(void)snprintf(name, sizeof(name), "%s.%u", path, (unsigned int)report.files);
	assert_int_equal(access(name, F_OK), -1);
	remove_rotated(path, 50);
	fixture_remove(path);
}

static void only_so_many_files_are_kept(void **state)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	char path[64];
	char name[80];

	(void)state;
	fixture_path(path, sizeof(path));
	write_rotated(path, 2);
	if (sbx_audit_verify_report(path, NULL, NULL, &report, &err))
		fail_msg("%s", err.text);
	assert_int_equal(report.files, 3);
	assert_true(report.earlier);
	assert_true(report.events < 500);
	(void)snprintf(name, sizeof(name), "%s.3", path);
	assert_int_equal(access(name, F_OK), -1);
	(void)snprintf(name, sizeof(name), "%s.new", path);
	assert_int_equal(access(name, F_OK), -1);
	remove_rotated(path, 2);
	fixture_remove(path);
}

/* Changes one digit of the path in line 3 of a file. */
static void tamper(const char *name)
{
	char *text = fixture_read(name);
	char *at = text;

	for (int i = 0; i < 2; i++)
		at = strchr(at, '\n') + 1;
	at = strstr(at, "/etc/shadow");
	assert_non_null(at);
	at[5] = 'S';
	fixture_write(name, text, strlen(text));
	free(text);
}

static void a_change_in_a_rotated_file_is_found(void **state)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	char path[64];
	char name[80];
	char want[128];

	(void)state;
	fixture_path(path, sizeof(path));
	write_rotated(path, 50);
	(void)snprintf(name, sizeof(name), "%s.2", path);
	tamper(name);
	assert_int_equal(sbx_audit_verify_report(path, NULL, NULL, &report, &err), -EBADMSG);
	(void)snprintf(want, sizeof(want), "\"%s\", line 3: it was changed", name);
	assert_non_null(strstr(err.text, want));
	remove_rotated(path, 50);
	fixture_remove(path);
}

static void a_missing_file_in_the_middle_is_found(void **state)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	char path[64];
	char name[80];
	char other[80];
	char *parts[] = { other, path, NULL };

	(void)state;
	fixture_path(path, sizeof(path));
	write_rotated(path, 50);
	(void)snprintf(name, sizeof(name), "%s.1", path);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(sbx_audit_verify_report(path, NULL, NULL, &report, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "is missing"));
	(void)snprintf(other, sizeof(other), "%s.2", path);
	assert_int_equal(sbx_audit_verify_files(parts, NULL, NULL, &report, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "lines before it are missing"));
	remove_rotated(path, 50);
	fixture_remove(path);
}

static void a_log_that_was_moved_away_is_opened_anew(void **state)
{
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	struct sbx_error err = { 0 };
	char path[64];
	char moved[80];
	char *parts[] = { moved, path, NULL };

	(void)state;
	fixture_path(path, sizeof(path));
	in_dir(path, "moved.jsonl", moved, sizeof(moved));
	options = fixture_options(path);
	log = fixture_start(&options);
	put_many(log, 1, 3);
	assert_int_equal(sbx_audit_reopen(log), -EALREADY);
	assert_int_equal(rename(path, moved), 0);
	fixture_put(log, 4);
	assert_int_equal(sbx_audit_reopen(log), 0);
	assert_int_equal(sbx_audit_reopen(log), -EALREADY);
	put_many(log, 5, 6);
	assert_int_equal(fixture_end(log, 6, 0), 0);
	if (sbx_audit_verify_files(parts, NULL, NULL, &report, &err))
		fail_msg("%s", err.text);
	assert_int_equal(report.events, 6);
	assert_int_equal(report.runs, 1);
	assert_int_equal(sbx_audit_verify_report(path, NULL, NULL, &report, &err), 0);
	assert_true(report.earlier);
	assert_int_equal(unlink(moved), 0);
	fixture_remove(path);
}

static void a_file_with_content_is_not_taken_over(void **state)
{
	struct sbx_audit_options options;
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	char path[64];
	char moved[80];

	(void)state;
	fixture_path(path, sizeof(path));
	in_dir(path, "moved.jsonl", moved, sizeof(moved));
	options = fixture_options(path);
	log = fixture_start(&options);
	assert_int_equal(rename(path, moved), 0);
	fixture_write(path, "mine\n", 5);
	assert_int_equal(sbx_audit_reopen(log), -EEXIST);
	put_many(log, 1, 2);
	assert_int_equal(fixture_end(log, 2, 0), 0);
	assert_int_equal(sbx_audit_verify_report(moved, NULL, NULL, &report, NULL), 0);
	assert_int_equal(report.events, 2);
	assert_int_equal(unlink(moved), 0);
	fixture_remove(path);
}

/* In a child, in a mount namespace of its own: 0, or the number of what went wrong. */
static int fill_disk(const char *path)
{
	struct sbx_audit_options options = fixture_options(path);
	struct sbx_audit_report report;
	struct sbx_audit_log *log;
	char dir[64];

	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("small", dir, "tmpfs", 0, "size=96k"))
		return 1;
	options.rotation = (struct sbx_rotation){ 65536, 20 };
	log = fixture_start(&options);
	put_many(log, 1, 300); /* some 200 KiB */
	if (sbx_audit_write_errors(log))
		return 2;
	if (mount("small", dir, "tmpfs", MS_REMOUNT, "size=4m"))
		return 3;
	put_many(log, 301, 400);
	if (fixture_end(log, 400, 0) != -ENOSPC)
		return 4; /* it never was full */
	if (sbx_audit_verify_report(path, NULL, NULL, &report, NULL))
		return 5;
	return report.events == 400 && !report.lost && report.files > 1 ? 0 : 6;
}

static void a_full_disk_delays_a_rotated_log_and_loses_nothing(void **state)
{
	char path[64];
	int status = 0;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	fixture_path(path, sizeof(path));
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(unshare(CLONE_NEWNS) ? 77 : fill_disk(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fixture_remove(path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

struct sunk {
	char path[64];	 /* the log */
	char socket[80]; /* the reader */
	struct sbx_sink sink;
	struct sbx_audit_options options;
	struct sbx_audit_log *log;
	int fd;
};

static void sink_start(struct sunk *sunk, enum sbx_sink_kind kind)
{
	fixture_path(sunk->path, sizeof(sunk->path));
	in_dir(sunk->path, "reader", sunk->socket, sizeof(sunk->socket));
	sunk->fd = listen_at(sunk->socket, kind == SBX_SINK_STREAM ? SOCK_STREAM : SOCK_DGRAM);
	sbx_sinks_set_paths(sunk->socket, sunk->socket);
	sunk->sink = (struct sbx_sink){ kind, sunk->socket };
	sunk->options = fixture_options(sunk->path);
	sunk->options.sinks = &sunk->sink;
	sunk->options.n_sinks = 1;
	sunk->log = fixture_start(&sunk->options);
}

static void sink_end(struct sunk *sunk)
{
	assert_int_equal(close(sunk->fd), 0);
	assert_int_equal(unlink(sunk->socket), 0);
	fixture_remove(sunk->path);
}

static void a_datagram_socket_gets_each_line_as_it_is_in_the_log(void **state)
{
	struct sunk sunk;
	char *copy;
	char *log;

	(void)state;
	sink_start(&sunk, SBX_SINK_DATAGRAM);
	fixture_put(sunk.log, 1);
	fixture_put(sunk.log, 2);
	assert_int_equal(fixture_end(sunk.log, 2, 0), 0);
	copy = read_now(sunk.fd, false);
	log = fixture_read(sunk.path);
	assert_string_equal(copy, log);
	free(copy);
	free(log);
	sink_end(&sunk);
}

static void a_reader_that_never_reads_stops_nothing_and_is_told_what_it_missed(void **state)
{
	struct counted counted = { 0 };
	struct sbx_audit_report report;
	struct sunk sunk;
	char *text;

	(void)state;
	sink_start(&sunk, SBX_SINK_DATAGRAM);
	put_many(sunk.log, 1, 4000); /* 2.8 MB: more than queue and socket hold */
	assert_true(figure(sunk.log, "lost") > 100);
	for (int i = 0; i < 4000 && !counted.statements; i++) {
		text = read_now(sunk.fd, false);
		count(text, &counted);
		free(text);
		sbx_audit_carry(sunk.log);
	}
	assert_int_equal(counted.statements, 1);
	put_many(sunk.log, 4001, 4002);
	text = read_now(sunk.fd, false);
	count(text, &counted);
	free(text);
	assert_int_equal(counted.cut, 0);
	assert_int_equal(counted.events + counted.told, 4002);
	assert_int_equal(counted.told, figure(sunk.log, "lost"));
	sbx_audit_close(sunk.log);
	assert_int_equal(sbx_audit_verify_report(sunk.path, NULL, NULL, &report, NULL), -ENODATA);
	assert_int_equal(report.events, 4002); /* the log itself missed none */
	sink_end(&sunk);
}

static void what_a_reader_has_not_taken_at_the_end_is_counted(void **state)
{
	struct sunk sunk;
	json_t *result = json_object();
	long long lines;
	long long lost;
	struct sbx_job_state counters = { .seq = 4000 };

	(void)state;
	sink_start(&sunk, SBX_SINK_STREAM);
	put_many(sunk.log, 1, 4000);
	assert_int_equal(sbx_audit_end(sunk.log, result, &counters), 0);
	json_decref(result);
	lines = figure(sunk.log, "lines");
	lost = figure(sunk.log, "lost");
	assert_true(lines > 0);
	assert_int_equal(lines + lost, 4002); /* with start and end */
	sbx_audit_close(sunk.log);
	sink_end(&sunk);
}

static void a_stream_that_vanishes_and_returns_gets_whole_lines(void **state)
{
	struct counted before = { 0 };
	struct counted after = { 0 };
	struct sunk sunk;
	char *text;
	int peer;

	(void)state;
	sink_start(&sunk, SBX_SINK_STREAM);
	peer = accept(sunk.fd, NULL, NULL);
	assert_true(peer >= 0);
	put_many(sunk.log, 1, 100);
	text = read_now(peer, true);
	count(text, &before);
	free(text);
	assert_int_equal(close(peer), 0);
	assert_int_equal(close(sunk.fd), 0);
	assert_int_equal(unlink(sunk.socket), 0);
	put_many(sunk.log, 101, 150); /* nobody there: they wait */
	sunk.fd = listen_at(sunk.socket, SOCK_STREAM);
	(void)usleep(1100000); /* it is tried once a second */
	assert_int_equal(fixture_end(sunk.log, 150, 0), 0);
	peer = accept(sunk.fd, NULL, NULL);
	assert_true(peer >= 0);
	text = read_now(peer, true);
	count(text, &after);
	free(text);
	assert_int_equal(before.cut + after.cut, 0);
	assert_int_equal(before.events + after.events, 150);
	assert_true(after.ended);
	assert_int_equal(close(peer), 0);
	sink_end(&sunk);
}

static void journald_gets_fields_and_syslog_a_priority(void **state)
{
	static const struct {
		enum sbx_sink_kind kind;
		const char *begin;
	} cases[] = {
		{ SBX_SINK_JOURNALD, "PRIORITY=6\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=sbx-bpf\n"
				     "MESSAGE={\"schema\":" },
		{ SBX_SINK_SYSLOG, "<86>" },
	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(cases); i++) {
		struct sunk sunk;
		char text[4096] = "";
		size_t size;
		struct sbx_event *event;

		sink_start(&sunk, cases[i].kind);
		assert_true(recv(sunk.fd, text, sizeof(text) - 1, 0) > 0);
		assert_memory_equal(text, cases[i].begin, strlen(cases[i].begin));
		fixture_put(sunk.log, 1);
		event = fixture_mount(2, &size);
		sbx_audit_event(sunk.log, event, size);
		free(event);
		memset(text, 0, sizeof(text));
		assert_true(recv(sunk.fd, text, sizeof(text) - 1, 0) > 0);
		assert_non_null(strstr(text, i ? "<84>" : "PRIORITY=4\n"));
		memset(text, 0, sizeof(text));
		assert_true(recv(sunk.fd, text, sizeof(text) - 1, 0) > 0);
		assert_non_null(strstr(text, i ? "<82>" : "PRIORITY=2\n"));
		assert_non_null(strstr(text, "\"guard\":\"mount\""));
		assert_int_equal(fixture_end(sunk.log, 2, 0), 0);
		sink_end(&sunk);
	}
}

static void a_full_pipe_on_stderr_is_not_waited_for(void **state)
{
	const struct sbx_sink sink = { .kind = SBX_SINK_STDERR };
	struct sbx_audit_options options;
	struct sbx_audit_log *log;
	int before = dup(STDERR_FILENO);
	char path[64];
	int ends[2];

	(void)state;
	fixture_path(path, sizeof(path));
	assert_int_equal(pipe(ends), 0);
	(void)fflush(stderr);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	options = fixture_options(path);
	options.sinks = &sink;
	options.n_sinks = 1;
	log = fixture_start(&options);
	(void)alarm(20); /* it would wait for ever */
	put_many(log, 1, 4000);
	(void)alarm(0);
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	assert_true(figure(log, "lost") > 100);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(fixture_end(log, 4000, 0), 0); /* no SIGPIPE either */
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	(void)close(before);
	(void)close(ends[1]);
	fixture_remove(path);
}

static void a_sink_that_is_not_there_is_an_error(void **state)
{
	const struct sbx_sink sink = { SBX_SINK_STREAM, (char[]){ "/nowhere/socket" } };
	struct sbx_audit_options options;
	struct sbx_audit_log *log = NULL;
	struct sbx_error err = { 0 };
	char path[64];

	(void)state;
	fixture_path(path, sizeof(path));
	options = fixture_options(path);
	options.sinks = &sink;
	options.n_sinks = 1;
	assert_int_equal(sbx_audit_open(&options, &log, &err), -ENOENT);
	assert_non_null(strstr(err.text, "stream:/nowhere/socket cannot be reached: ENOENT"));
	fixture_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_rotated_by_size_and_its_chain_goes_on),
		cmocka_unit_test(only_so_many_files_are_kept),
		cmocka_unit_test(a_change_in_a_rotated_file_is_found),
		cmocka_unit_test(a_missing_file_in_the_middle_is_found),
		cmocka_unit_test(a_log_that_was_moved_away_is_opened_anew),
		cmocka_unit_test(a_file_with_content_is_not_taken_over),
		cmocka_unit_test(a_full_disk_delays_a_rotated_log_and_loses_nothing),
		cmocka_unit_test(a_datagram_socket_gets_each_line_as_it_is_in_the_log),
		cmocka_unit_test(
			a_reader_that_never_reads_stops_nothing_and_is_told_what_it_missed),
		cmocka_unit_test(what_a_reader_has_not_taken_at_the_end_is_counted),
		cmocka_unit_test(a_stream_that_vanishes_and_returns_gets_whole_lines),
		cmocka_unit_test(journald_gets_fields_and_syslog_a_priority),
		cmocka_unit_test(a_full_pipe_on_stderr_is_not_waited_for),
		cmocka_unit_test(a_sink_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

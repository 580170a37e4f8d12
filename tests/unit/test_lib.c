// SPDX-License-Identifier: GPL-2.0-only
/* user/lib: errors, buffers, files, diagnostics. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/diag.h"
#include "lib/error.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/utf8.h"

static void fail_returns_the_negative_code_and_fills_both_texts(void **state)
{
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_fail(&err, EACCES, "do that", "cannot open '%s'", "x"), -EACCES);
	assert_string_equal(err.text, "cannot open 'x'");
	assert_string_equal(err.cure, "do that");
	assert_int_equal(sbx_fail(&err, ENOENT, NULL, "gone"), -ENOENT);
	assert_string_equal(err.cure, "");
	assert_int_equal(sbx_fail(NULL, EPERM, "c", "nobody asked"), -EPERM);
}

static void fail_cuts_long_texts(void **state)
{
	struct sbx_error err;
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(sbx_fail(&err, EIO, text, "%s", text), -EIO);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(strlen(err.cure), sizeof(err.cure) - 1);
}

static void errno_names_go_both_ways(void **state)
{
	(void)state;
	assert_string_equal(sbx_errno_name(EACCES), "EACCES");
	assert_string_equal(sbx_errno_name(-EACCES), "EACCES");
	assert_string_equal(sbx_errno_name(100000), "E?");
	assert_int_equal(sbx_errno_from_name("EACCES"), EACCES);
	assert_int_equal(sbx_errno_from_name("EWOULDBLOCK"), EAGAIN);
	assert_int_equal(sbx_errno_from_name("ENOTSUP"), EOPNOTSUPP);
	assert_int_equal(sbx_errno_from_name("EOPNOTSUPP"), EOPNOTSUPP);
	assert_int_equal(sbx_errno_from_name("NOSUCH"), -ENOENT);
	for (int code = 1; code < 134; code++) {
		const char *name = sbx_errno_name(code);

		if (strcmp(name, "E?"))
			assert_int_equal(sbx_errno_from_name(name), code);
	}
}

static void buffers_grow_and_are_handed_over(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		sbx_buf_printf(&buf, "%d,", i);
	assert_int_equal(buf.error, 0);
	assert_int_equal(sbx_buf_take(&buf, &text), 0);
	assert_int_equal(strlen(text), 3890);
	assert_null(buf.text);
}

static void an_untouched_buffer_gives_the_empty_text(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	assert_int_equal(sbx_buf_take(&buf, &text), 0);
	assert_string_equal(text, "");
}

static void escaped_text_cannot_drive_a_terminal(void **state)
{
	static const char nasty[] = "a\033[2J\n\x7f\xc2\x9b"
				    "31m \xc3\xa9";
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };

	(void)state;
	sbx_buf_put_escaped(&buf, nasty, strlen(nasty));
	assert_string_equal(buf.text, "a\\x1b[2J\\x0a\\x7f\\xc2\\x9b31m \xc3\xa9");
}

static void files_are_read_whole_and_odd_ones_refused(void **state)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	char dir[] = "/tmp/sbx-lib-XXXXXX";
	sbx_cleanup(sbx_closep) int fd = -1;
	size_t len = 0;

	(void)state;
	assert_int_equal(sbx_file_read("/proc/self/comm", &text, &len), 0);
	assert_int_equal(text[len], '\0');
	assert_true(len > 0);
	sbx_freep(&text);
	assert_int_equal(sbx_file_read("/nonexistent/file", &text, &len), -ENOENT);
	assert_int_equal(sbx_file_read("/", &text, &len), -EISDIR);
	assert_int_equal(sbx_file_read("/dev/zero", &text, &len), -EINVAL);
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(mkfifoat(fd, "fifo", 0600), 0);
	assert_int_equal(sbx_file_read_at(fd, "fifo", &text, &len), 0); /* does not hang */
	assert_int_equal(len, 0);
	assert_int_equal(unlinkat(fd, "fifo", 0), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void write_at_needs_an_existing_file(void **state)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	char dir[] = "/tmp/sbx-lib-XXXXXX";
	sbx_cleanup(sbx_closep) int fd = -1;
	sbx_cleanup(sbx_closep) int file = -1;

	(void)state;
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sbx_file_write_at(fd, "f", "1"), -ENOENT);
	file = openat(fd, "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(sbx_file_write_at(fd, "f", "max"), 0);
	assert_int_equal(sbx_file_read_at(fd, "f", &text, NULL), 0);
	assert_string_equal(text, "max");
	assert_int_equal(unlinkat(fd, "f", 0), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* What sbx_diags_print writes. */
static char *printed(struct sbx_diags *diags)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	sbx_diags_print(diags, out, false);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void diagnostics_are_sorted_and_counted(void **state)
{
	sbx_cleanup(sbx_diags_free) struct sbx_diags diags = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	sbx_diag_add(&diags, SBX_DIAG_ERROR, "b", "f", 2, 3, "second");
	sbx_diag_add(&diags, SBX_DIAG_WARNING, "c", "f", 10, 0, "third\033");
	sbx_diag_add(&diags, SBX_DIAG_ERROR, "a", "f", 0, 0, "first %d", 1);
	assert_int_equal(diags.n_errors, 2);
	text = printed(&diags);
	assert_string_equal(text, "f: error: first 1 [a]\nf:2:3: error: second [b]\n"
				  "f:10: warning: third\\x1b [c]\n");
}

static void too_many_diagnostics_are_only_counted(void **state)
{
	sbx_cleanup(sbx_diags_free) struct sbx_diags diags = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	for (unsigned int i = 1; i <= SBX_DIAGS_MAX + 7; i++)
		sbx_diag_add(&diags, SBX_DIAG_ERROR, "x", "f", i, 1, "fault");
	assert_int_equal(diags.n, SBX_DIAGS_MAX);
	assert_int_equal(diags.n_errors, SBX_DIAGS_MAX + 7);
	text = printed(&diags);
	assert_non_null(strstr(text, "... and 7 more\n"));
}

/* Runs `say` with stderr in a file and returns what came. */
static char *logged(void (*say)(void))
{
	sbx_cleanup(sbx_closep) int saved = dup(STDERR_FILENO);
	char path[] = "/tmp/sbx-log-XXXXXX";
	sbx_cleanup(sbx_closep) int fd = mkstemp(path);
	char *text = NULL;

	assert_true(fd >= 0 && saved >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	say();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(sbx_file_read(path, &text, NULL), 0);
	assert_int_equal(unlink(path), 0);
	return text;
}

static void say_things(void)
{
	struct sbx_error err = { .text = "it broke", .cure = "mend it" };

	sbx_log(SBX_LOG_INFO, "plain\n");
	sbx_log(SBX_LOG_WARN, "odd \033[1m name");
	sbx_log(SBX_LOG_DEBUG, "not shown");
	sbx_log_error(&err);
}

static void messages_have_a_prefix_a_word_and_no_control_characters(void **state)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	assert_int_equal(sbx_log_get_level(), SBX_LOG_INFO);
	text = logged(say_things);
	assert_string_equal(text, "sbx-bpf: plain\n"
				  "sbx-bpf: warning: odd \\x1b[1m name\n"
				  "sbx-bpf: error: it broke\n"
				  "sbx-bpf: error:   mend it\n");
}

static void say_debug(void)
{
	sbx_log_set_level(SBX_LOG_DEBUG);
	sbx_log(SBX_LOG_DEBUG, "two\nlines");
	sbx_log(SBX_LOG_TRACE, "not shown");
	sbx_log_set_level(SBX_LOG_INFO);
}

static void debug_messages_come_on_demand_and_keep_line_breaks(void **state)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	(void)state;
	text = logged(say_debug);
	assert_string_equal(text, "sbx-bpf: debug: two\nlines\n");
	assert_false(sbx_color(-1));
}

static void faults_are_utf8_whatever_they_quote(void **state)
{
	sbx_cleanup(sbx_diags_free) struct sbx_diags diags = { 0 };

	(void)state;
	sbx_diag_add(&diags, SBX_DIAG_ERROR, "x", "caf\xe9", 1, 1, "%.2s|\xc3\xa9|\xed\xa0\x80",
		     "a\xc3\xa9");
	assert_string_equal(diags.items[0].file, "caf?");
	assert_string_equal(diags.items[0].text, "a?|\xc3\xa9|???");
	assert_int_equal(sbx_utf8_len("\xf0\x9f\x98\x80", 4), 4);
	assert_int_equal(sbx_utf8_len("\xf0\x9f\x98\x80", 3), 0);
	assert_int_equal(sbx_utf8_len("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_returns_the_negative_code_and_fills_both_texts),
		cmocka_unit_test(fail_cuts_long_texts),
		cmocka_unit_test(errno_names_go_both_ways),
		cmocka_unit_test(buffers_grow_and_are_handed_over),
		cmocka_unit_test(an_untouched_buffer_gives_the_empty_text),
		cmocka_unit_test(escaped_text_cannot_drive_a_terminal),
		cmocka_unit_test(files_are_read_whole_and_odd_ones_refused),
		cmocka_unit_test(write_at_needs_an_existing_file),
		cmocka_unit_test(diagnostics_are_sorted_and_counted),
		cmocka_unit_test(too_many_diagnostics_are_only_counted),
		cmocka_unit_test(faults_are_utf8_whatever_they_quote),
		cmocka_unit_test(messages_have_a_prefix_a_word_and_no_control_characters),
		cmocka_unit_test(debug_messages_come_on_demand_and_keep_line_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Further commands in a job, under an engine that enforces nothing; and their messages. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <sys/socket.h>

#include "job/kept.h"

static void make_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static void a_message_arrives_with_its_bytes_and_descriptors(void **state)
{
	struct sbx_message message = { .fds = { -1, -1, -1 } };
	int pipe_fds[2];
	int fds[2];
	char byte = 0;

	(void)state;
	make_pair(fds);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(sbx_wire_send(fds[0], SBX_WORD_REQUEST, "ab\0c", 4,
				       (const int[]){ pipe_fds[0], pipe_fds[1], pipe_fds[1] }),
			 0);
	assert_int_equal(sbx_wire_receive(fds[1], &message), 0);
	assert_int_equal(message.word, SBX_WORD_REQUEST);
	assert_int_equal(message.len, 4);
	assert_memory_equal(message.bytes, "ab\0c", 4);
	assert_int_equal(write(message.fds[2], "x", 1), 1);
	assert_int_equal(read(message.fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	sbx_message_free(&message);
	(void)close(fds[0]);
	assert_int_equal(sbx_wire_receive(fds[1], &message), -ENODATA);
	(void)close(fds[1]);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
}

static void what_is_no_message_is_refused(void **state)
{
	static const __u32 heads[][3] = {
		{ 0x73627832, SBX_WORD_END, 0 },	  /* of another build */
		{ 0x73627831, SBX_WORD_END, 0xffffffff }, /* longer than any */
	};
	struct sbx_message message;
	int fds[2];

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(heads); i++) {
		make_pair(fds);
		assert_int_equal(write(fds[0], heads[i], sizeof(heads[i])), sizeof(heads[i]));
		assert_int_equal(sbx_wire_receive(fds[1], &message), -EBADMSG);
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
	make_pair(fds);
	assert_int_equal(write(fds[0], (const __u32[]){ 0x73627831, SBX_WORD_END, 9 }, 12), 12);
	(void)close(fds[0]); /* cut off */
	assert_int_equal(sbx_wire_receive(fds[1], &message), -ENODATA);
	(void)close(fds[1]);
}

static void strings_are_packed_and_counted_never_read_beyond(void **state)
{
	char *const argv[] = { (char[]){ "a" }, (char[]){ "" }, (char[]){ "bc" }, NULL };
	struct sbx_buf buf = { 0 };
	struct sbx_message message = { .fds = { -1, -1, -1 } };
	size_t at = 0;
	char **list;

	(void)state;
	assert_int_equal(sbx_wire_pack(&buf, argv), 0);
	message.len = buf.len;
	assert_int_equal(sbx_buf_take(&buf, &message.bytes), 0);
	assert_int_equal(sbx_wire_count(&message), 3);
	list = sbx_wire_unpack(&message, &at, 3);
	assert_non_null(list);
	assert_string_equal(list[0], "a");
	assert_string_equal(list[1], "");
	assert_string_equal(list[2], "bc");
	assert_null(list[3]);
	free(list);
	at = 0;
	assert_null(sbx_wire_unpack(&message, &at, 4));
	at = 0;
	assert_null(sbx_wire_unpack(&message, &at, 0xffffffff));
	sbx_message_free(&message);
}

/* Makes a kept job of this name. */
static void keep(const char *name)
{
	char *const nothing[] = { NULL };
	struct sbx_run_options options = default_options(nothing);
	char got[SBX_JOB_NAME_SIZE];
	struct sbx_error err = { 0 };

	options.name = name;
	options.result_path = NULL;
	if (sbx_job_keep(&fake_engine, &options, got, &err))
		fail_msg("%s", err.text);
	assert_string_equal(got, name);
}

static int exec_shell(const char *name, const char *script)
{
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, strdup(script), NULL };
	struct sbx_run_result result = { 0 };
	struct sbx_error err = { 0 };
	int r = sbx_job_exec(name, argv, NULL, &result, &err);

	free(argv[2]);
	json_decref(result.json);
	return r ? r : result.exit_status;
}

static void commands_run_in_a_kept_job_until_it_is_removed(void **state)
{
	struct sbx_error err = { 0 };

	(void)state;
	need_cgroup2();
	keep("box");
	assert_int_equal(exec_shell("box", "exit 3"), 3);
	assert_int_equal(exec_shell("box", "kill -9 $$"), 137);
	assert_int_equal(exec_shell("box", "sleep 1000 & exit 4"), 4);
	assert_int_equal(fake_engine.shared->released, 0);
	assert_int_equal(sbx_job_stop("box", 0, &err), 0);
	assert_int_equal(fake_engine.shared->released, 1);
	assert_int_equal(exec_shell("box", "true"), -ENOENT);
	assert_int_equal(sbx_job_stop("box", 0, &err), -ENOENT);
	assert_clean();
}

static void a_command_whose_step_fails_says_which(void **state)
{
	char *argv[] = { (char[]){ "/no/such" }, NULL };
	struct sbx_run_result result = { 0 };
	struct sbx_error err = { 0 };

	(void)state;
	need_cgroup2();
	keep("box");
	assert_int_equal(sbx_job_exec("box", argv, NULL, &result, &err), 0);
	assert_int_equal(result.exit_status, 127);
	assert_int_equal(result.end, SBX_END_NOT_FOUND);
	assert_non_null(strstr(result.message, "/no/such"));
	json_decref(result.json);
	assert_int_equal(sbx_job_stop("box", 0, &err), 0);
	assert_clean();
}

static void a_policy_that_passes_descriptors_cannot_be_kept(void **state)
{
	char *const nothing[] = { NULL };
	struct sbx_run_options options;
	char name[SBX_JOB_NAME_SIZE];
	struct sbx_error err = { 0 };

	(void)state;
	load_policy(POLICY_OPEN "process: {descriptors: {keep: [5]}}\n");
	options = default_options(nothing);
	assert_int_equal(sbx_job_keep(&fake_engine, &options, name, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "descriptors 0 to 2"));
	load_policy(POLICY_OPEN "process: {pty: true}\n");
	options = default_options(nothing);
	assert_int_equal(sbx_job_keep(&fake_engine, &options, name, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "/dev of the job's own"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_with_its_bytes_and_descriptors),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(strings_are_packed_and_counted_never_read_beyond),
		cmocka_unit_test_setup_teardown(commands_run_in_a_kept_job_until_it_is_removed,
						fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_command_whose_step_fails_says_which,
						fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_policy_that_passes_descriptors_cannot_be_kept,
						fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

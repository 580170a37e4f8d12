// SPDX-License-Identifier: GPL-2.0-only
/* A chain with a key: only who holds the key can write it, and only with the key is it trusted. */
#include "audit_fixture.h"

#include <sys/stat.h>

static char log_path[64];
static char key_path[80];

static void write_key(const char *bytes, mode_t mode)
{
	FILE *file = fopen(key_path, "we");

	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(key_path, mode), 0);
}

static int setup(void **state)
{
	(void)state;
	fixture_path(log_path, sizeof(log_path));
	(void)snprintf(key_path, sizeof(key_path), "%s.key", log_path);
	write_key("0123456789abcdef", 0600);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(unlink(key_path), 0);
	fixture_remove(log_path);
	return 0;
}

static void write_log(const char *key)
{
	struct sbx_audit_options options = fixture_options(log_path);
	struct sbx_audit_log *log;

	options.chain = true;
	options.key_path = key;
	log = fixture_start(&options);
	fixture_put(log, 1);
	assert_int_equal(fixture_end(log, 1, 0), 0);
}

static int verify(const char *key)
{
	struct sbx_audit_report report;

	return sbx_audit_verify_report(log_path, NULL, key, &report, NULL);
}

static void a_keyed_log_is_intact_with_its_key_alone(void **state)
{
	(void)state;
	write_log(key_path);
	assert_int_equal(verify(key_path), 0);
	assert_int_equal(verify(NULL), -ENOKEY);
	write_key("0123456789abcdeX", 0600);
	assert_int_equal(verify(key_path), -EBADMSG);
}

/* Who rewrites the log makes a plain chain of it, which is whole in itself. */
static void a_log_without_the_key_is_found_out(void **state)
{
	(void)state;
	write_log(NULL);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(verify(key_path), -EBADMSG);
}

static int open_again(const char *key, const char *words)
{
	struct sbx_audit_options options = fixture_options(log_path);
	struct sbx_audit_log *log = NULL;
	struct sbx_error err = { 0 };
	int r;

	options.chain = true;
	options.key_path = key;
	r = sbx_audit_open(&options, &log, &err);
	if (words && !strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	sbx_audit_close(log);
	return r;
}

static void a_log_goes_on_with_the_key_it_was_begun_with(void **state)
{
	(void)state;
	write_log(key_path);
	assert_int_equal(open_again(NULL, "written with a key"), -EKEYREJECTED);
	assert_int_equal(open_again(key_path, NULL), 0);
	write_log(key_path);
	assert_int_equal(verify(key_path), 0);
	write_key("another key, and longer than before", 0600);
	assert_int_equal(open_again(key_path, "not written with this key"), -EKEYREJECTED);
}

static void a_key_that_others_can_read_is_none(void **state)
{
	(void)state;
	assert_int_equal(chmod(key_path, 0640), 0);
	assert_int_equal(open_again(key_path, "by others"), -EPERM);
	write_key("too short", 0600);
	assert_int_equal(open_again(key_path, "fewer than 16 bytes"), -EINVAL);
	assert_int_equal(open_again("/no/such/key", "cannot be opened"), -ENOENT);
	assert_int_equal(open_again("/", "is no file"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_keyed_log_is_intact_with_its_key_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_log_without_the_key_is_found_out, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_log_goes_on_with_the_key_it_was_begun_with, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_key_that_others_can_read_is_none, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

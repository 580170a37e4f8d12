// SPDX-License-Identifier: GPL-2.0-only
/*
 * The built-in policies, printed compiled, against tests/golden/print.  Here rather than in
 * tests/golden/run, because the binary follows this machine's symbolic links.
 * SBX_UPDATE=1 writes the files anew.
 */
#include <stdio.h>

#include "lib/file.h"
#include "policy_fixture.h"

#define FOLDER "tests/golden/print" /* tests run in the checkout's root */

static char *printed(const char *name)
{
	FIXTURE f = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(sbx_policy_load(name, &fixture_vars, &f.policy, &f.diags), 0);
	assert_int_equal(sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags), 0);
	sbx_compiled_print(f.compiled, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void update(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void assert_printed(const char *name)
{
	sbx_cleanup(sbx_freep) char *got = printed(name);
	sbx_cleanup(sbx_freep) char *wanted = NULL;
	char path[128];

	assert_true(snprintf(path, sizeof(path), FOLDER "/%s.expected", name) > 0);
	if (getenv("SBX_UPDATE"))
		update(path, got);
	assert_int_equal(sbx_file_read(path, &wanted, NULL), 0);
	if (strcmp(got, wanted))
		fail_msg("%s differs; SBX_UPDATE=1 %s writes it anew, then look at git diff", path,
			 "test_print");
}

static void base_compiles_to_what_it_did(void **state)
{
	(void)state;
	assert_printed("base");
}

static void strict_compiles_to_what_it_did(void **state)
{
	(void)state;
	assert_printed("strict");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_compiles_to_what_it_did),
		cmocka_unit_test(strict_compiles_to_what_it_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

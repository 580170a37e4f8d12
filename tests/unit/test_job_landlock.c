// SPDX-License-Identifier: GPL-2.0-only
/* From a policy to Landlock: what a process under the plan gets from this kernel, and the gaps. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <stdio.h>
#include <sys/prctl.h>

#include "lib/buf.h"

#define ALL_VERSIONS 99

static struct sbx_landlock plan;
static struct sbx_gaps gaps;

static void need_landlock(void)
{
	if (sbx_landlock_abi() > 0)
		return;
	print_message("skipped: this kernel has no Landlock\n");
	skip();
}

static void make(const char *name, bool directory)
{
	const char *path = file_in_dir(name);

	if (directory)
		assert_int_equal(mkdir(path, 0700), 0);
	else
		(void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700));
}

static void make_tree(void)
{
	make("tree", true);
	make("tree/f", false);
	make("tree/shut", true);
	make("tree/shut/f", false);
	make("tree/deep", true);
	make("tree/deep/f", false);
	make("tree/deep/shut", true);
	make("tree/deep/shut/f", false);
	make("work", true);
	make("work/f", false);
}

/* Plans for a policy whose rules are `format` with the test's directory put in for each %s. */
static void plan_for(const char *rules, bool second)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	int abi = sbx_landlock_abi();

	sbx_landlock_free(&plan);
	sbx_gaps_free(&gaps);
	sbx_buf_puts(&text, "version: 1\nname: test\nfilesystem:\n  rules:\n");
	for (const char *at = rules; *at; at++) {
		if (*at == '@')
			sbx_buf_puts(&text, fixture.dir);
		else
			sbx_buf_putc(&text, *at);
	}
	load_policy(text.text);
	assert_int_equal(sbx_landlock_plan(fixture.policy, fixture.compiled,
					   abi > 0 ? abi : ALL_VERSIONS, second, &plan, &gaps),
			 0);
}

/* errno of opening a file of the test's directory under the plan, or 0. */
static int open_under(const char *name, int flags)
{
	const char *path = file_in_dir(name);
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbx_landlock_restrict(&plan))
			_exit(255);
		_exit(open(path, flags | O_CLOEXEC, 0600) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool has_gap(const char *what)
{
	for (size_t i = 0; i < gaps.n; i++) {
		if (strstr(gaps.items[i].what, what))
			return true;
	}
	return false;
}

static void the_canary_passes_where_landlock_works(void **state)
{
	struct sbx_error err = { 0 };

	(void)state;
	need_landlock();
	assert_int_equal(sbx_landlock_canary(sbx_landlock_abi(), &err), 0);
}

static void a_canary_without_a_restriction_is_found_out(void **state)
{
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_landlock_canary(0, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "did not refuse"));
}

static void what_no_rule_names_is_refused(void **state)
{
	(void)state;
	need_landlock();
	make_tree();
	plan_for("    - {allow: ro, paths: @/tree}\n    - {allow: rw, paths: @/work}\n", false);
	assert_int_equal(open_under("tree/f", O_RDONLY), 0);
	assert_int_equal(open_under("tree/f", O_WRONLY), EACCES);
	assert_int_equal(open_under("tree", O_RDONLY | O_DIRECTORY), 0);
	assert_int_equal(open_under("tree/new", O_WRONLY | O_CREAT), EACCES);
	assert_int_equal(open_under("work/new", O_WRONLY | O_CREAT), 0);
	assert_int_equal(open_under(".", O_RDONLY | O_DIRECTORY), EACCES);
}

static void a_tree_that_cannot_grow_is_split_at_its_denies(void **state)
{
	(void)state;
	need_landlock();
	make_tree();
	plan_for("    - {allow: ro, paths: @/tree}\n"
		 "    - {deny: rwx, paths: [@/tree/shut, @/tree/deep/shut, @/tree/later]}\n",
		 false);
	assert_int_equal(open_under("tree/f", O_RDONLY), 0);
	assert_int_equal(open_under("tree/deep/f", O_RDONLY), 0);
	assert_int_equal(open_under("tree/shut/f", O_RDONLY), EACCES);
	assert_int_equal(open_under("tree/deep/shut/f", O_RDONLY), EACCES);
	make("tree/later", false); /* somebody else may */
	assert_int_equal(open_under("tree/later", O_RDONLY), EACCES);
	assert_false(has_gap("shut"));
	assert_false(has_gap("later"));
}

static void a_deny_in_a_tree_that_can_grow_is_a_gap(void **state)
{
	(void)state;
	make_tree();
	plan_for("    - {allow: rw, paths: @/tree}\n"
		 "    - {deny: [read, write], paths: [@/tree/shut, @/tree/later]}\n"
		 "    - {deny: read, paths: [@/nowhere]}\n",
		 false);
	assert_true(has_gap("deny read+write"));
	assert_true(has_gap("tree/later"));
	assert_false(has_gap("nowhere"));
	if (sbx_landlock_abi() > 0) /* it is told because it is so */
		assert_int_equal(open_under("tree/shut/f", O_RDONLY), 0);
}

static void less_below_an_allow_is_no_gap_without_a_deny(void **state)
{
	(void)state;
	make_tree();
	plan_for("    - {allow: rw, paths: @/tree}\n    - {allow: ro, paths: @/tree/deep}\n",
		 false);
	assert_false(has_gap("tree"));
}

static void wildcards_cover_what_is_there_and_are_gaps(void **state)
{
	(void)state;
	need_landlock();
	make_tree();
	plan_for("    - {allow: ro, paths: '@/*/deep'}\n"
		 "    - {deny: read, paths: ['**/f', '@/tree/*/shut', '/nowhere/*/x']}\n",
		 false);
	assert_int_equal(open_under("tree/f", O_RDONLY), EACCES);
	assert_int_equal(open_under("tree/deep/f", O_RDONLY), 0); /* a gap */
	assert_int_equal(open_under("tree/deep", O_RDONLY | O_DIRECTORY), 0);
	assert_int_equal(open_under("tree/deep/shut/f", O_RDONLY), EACCES);
	assert_true(has_gap("**/f"));
	assert_false(has_gap("/nowhere"));
}

static void a_second_line_refuses_nothing_that_the_policy_allows(void **state)
{
	const char *rules = "    - {allow: ro, paths: ['@/tree', '@/work/later']}\n"
			    "    - {deny: rwx, paths: [@/tree/shut]}\n";

	(void)state;
	need_landlock();
	make_tree();
	plan_for(rules, true);
	assert_int_equal(open_under("tree", O_RDONLY | O_DIRECTORY), 0);
	make("work/later", false);
	assert_int_equal(open_under("work/later", O_RDONLY), 0);
	assert_int_equal(open_under("work/f", O_WRONLY), EACCES);
	plan_for(rules, false);
	assert_int_equal(open_under("tree", O_RDONLY | O_DIRECTORY), EACCES);
}

static void versions_add_what_they_brought(void **state)
{
	const struct sbx_policy *policy = fixture.policy;

	(void)state;
	assert_int_equal(sbx_landlock_handled(1, false), (1 << 13) - 1);
	assert_int_equal(sbx_landlock_handled(2, false), (1 << 14) - 1);
	assert_int_equal(sbx_landlock_handled(4, false), (1 << 15) - 1);
	assert_int_equal(sbx_landlock_handled(8, false), (1 << 16) - 1);
	assert_int_equal(sbx_landlock_handled(ALL_VERSIONS, false), (1 << 17) - 1);
	assert_int_equal(sbx_landlock_handled(ALL_VERSIONS, true), (1 << 16) - 1);
	assert_int_equal(sbx_landlock_scoped(5, policy, false), 0);
	assert_int_equal(sbx_landlock_scoped(6, policy, false), 3);
	assert_int_equal(sbx_landlock_access(8, SBX_RIGHT_ATTR | SBX_RIGHT_CONNECT, policy, false),
			 0);
	assert_int_equal(sbx_landlock_access(9, SBX_RIGHT_ATTR | SBX_RIGHT_CONNECT, policy, false),
			 1 << 16);
	assert_int_equal(sbx_landlock_access(2, SBX_RIGHT_WRITE, policy, false), 1 << 1);
	assert_int_equal(sbx_landlock_access(3, SBX_RIGHT_WRITE, policy, false), 1 << 1 | 1 << 14);
	/* Behind another mechanism: with what execve, mknod and rename need besides. */
	assert_int_equal(sbx_landlock_access(1, SBX_RIGHT_EXEC, policy, false), 1 << 0);
	assert_int_equal(sbx_landlock_access(1, SBX_RIGHT_EXEC, policy, true), 1 << 0 | 1 << 2);
	assert_false(sbx_landlock_access(1, SBX_RIGHT_CREATE, policy, false) & (1 << 6 | 1 << 11));
	assert_int_equal(sbx_landlock_access(1, SBX_RIGHT_CREATE, policy, true) &
				 (1 << 6 | 1 << 11),
			 1 << 6 | 1 << 11);
	assert_true(sbx_landlock_access(2, SBX_RIGHT_READ, policy, true) & 1 << 13);
	assert_int_equal(sbx_landlock_access(2, 0, policy, true), 0);
}

static bool has_rule(const char *path)
{
	for (size_t i = 0; i < plan.n_rules; i++) {
		if (!strcmp(plan.rules[i].path, path))
			return true;
	}
	return false;
}

/* What the host has in a directory is not in the job's, where it may be made. */
static void a_second_line_knows_that_private_directories_are_empty(void **state)
{
	char text[1024];

	(void)state;
	make_tree();
	for (int private = 0; private < 2; private ++) {
		(void)snprintf(text, sizeof(text),
			       "version: 1\nname: test\nfilesystem:\n  private: [%s]\n  rules:\n"
			       "    - {allow: rw, paths: '%s/tree/f'}\n",
			       private ? fixture.dir : "/srv", fixture.dir);
		sbx_landlock_free(&plan);
		load_policy(text);
		assert_int_equal(
			sbx_landlock_plan(fixture.policy, fixture.compiled, 2, true, &plan, &gaps),
			0);
		assert_true(has_rule(private ? fixture.dir : file_in_dir("tree/f")));
		assert_false(has_rule(file_in_dir("tree")));
	}
	plan_for("    - {allow: ro, paths: /sbx-later}\n", true);
	assert_false(has_rule("/")); /* the job cannot make it */
	plan_for("    - {allow: rw, paths: /sbx-later}\n", true);
	assert_true(has_rule("/"));
}

static int teardown(void **state)
{
	sbx_landlock_free(&plan);
	sbx_gaps_free(&gaps);
	return fixture_teardown(state);
}

#define LANDLOCK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LANDLOCK_TEST(the_canary_passes_where_landlock_works),
		LANDLOCK_TEST(a_canary_without_a_restriction_is_found_out),
		LANDLOCK_TEST(what_no_rule_names_is_refused),
		LANDLOCK_TEST(a_tree_that_cannot_grow_is_split_at_its_denies),
		LANDLOCK_TEST(a_deny_in_a_tree_that_can_grow_is_a_gap),
		LANDLOCK_TEST(less_below_an_allow_is_no_gap_without_a_deny),
		LANDLOCK_TEST(wildcards_cover_what_is_there_and_are_gaps),
		LANDLOCK_TEST(a_second_line_knows_that_private_directories_are_empty),
		LANDLOCK_TEST(a_second_line_refuses_nothing_that_the_policy_allows),
		LANDLOCK_TEST(versions_add_what_they_brought),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

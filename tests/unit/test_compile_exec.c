// SPDX-License-Identifier: GPL-2.0-only
/* Pinned programs and the mark of what may be executed but not written, in the compiled policy. */
#include <stdio.h>

#include "policy_fixture.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PIN(path) HEAD "exec:\n  - {path: " path ", sha256: " A64 "}\n"

/* The edge that leads to the node of `path`, which must have a node of its own. */
static const struct sbx_edge *edge_of(const struct fixture *f, const char *path)
{
	__u32 node = sbx_compiled_node(f->compiled, path, 0);
	for (size_t i = 0; i < f->compiled->n_edges; i++) {
		if (f->compiled->edges[i].value.node == node)
			return &f->compiled->edges[i].value;
	}
	fail_msg("no edge for %s", path);
	return NULL;
}

static unsigned int flag(const struct fixture *f, const char *path, unsigned int mask)
{
	return edge_of(f, path)->flags & mask;
}

static void a_pin_marks_the_very_file_and_gives_no_right(void **state)
{
	FIXTURE f = fixture_good(PIN("/bin/x") "filesystem:\n  rules:\n"
					       "    - {allow: ro, paths: /bin}\n");

	(void)state;
	assert_int_equal(f.compiled->n_programs, 1);
	assert_int_equal(f.compiled->n_pinned, 1);
	assert_string_equal(f.compiled->programs[0].path, "/bin/x");
	assert_string_equal(f.compiled->programs[0].sha256, A64);
	assert_int_equal(f.compiled->pinned[0].node, edge_of(&f, "/bin/x")->node);
	assert_true(flag(&f, "/bin/x", SBX_EDGE_PINNED));
	assert_false(flag(&f, "/bin", SBX_EDGE_PINNED));
	assert_rights(&f, "/bin/x", RO);
	assert_rights(&f, "/bin/y", RO);
}

static void a_directory_above_a_pin_is_not_uniform(void **state)
{
	FIXTURE f = fixture_good(PIN("/w/d/x") "filesystem:\n  rules:\n"
					       "    - {allow: rw, paths: [/w, /v]}\n"
					       "    - {allow: rw, paths: [/v/d]}\n");

	(void)state;
	assert_false(flag(&f, "/w/d", SBX_EDGE_UNIFORM));
	assert_false(flag(&f, "/w", SBX_EDGE_UNIFORM));
	assert_true(flag(&f, "/v", SBX_EDGE_UNIFORM));
	assert_true(flag(&f, "/w", SBX_EDGE_DENIES));
	assert_false(flag(&f, "/v", SBX_EDGE_DENIES));
}

static int resolve_link(const char *path, char *out, size_t size, void *ctx)
{
	(void)ctx;
	return snprintf(out, size, "%s", strcmp(path, "/bin/x") ? path : "/opt/y") < 0 ? -EINVAL
										       : 0;
}

/* Also where the job could have made the link: the digest decides which file is meant. */
static void a_pinned_link_marks_both_names(void **state)
{
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_compile_with(&f,
					      PIN("/bin/x") "filesystem:\n  rules:\n"
							    "    - {allow: rwx, paths: [/bin, "
							    "/opt]}\n",
					      resolve_link),
			 0);
	assert_int_equal(f.compiled->n_programs, 1);
	assert_int_equal(f.compiled->n_pinned, 2);
	assert_true(flag(&f, "/bin/x", SBX_EDGE_PINNED));
	assert_true(flag(&f, "/opt/y", SBX_EDGE_PINNED));
	assert_int_equal(f.compiled->pinned[0].program, f.compiled->pinned[1].program);
}

static void digests_are_read_in_both_cases_and_once(void **state)
{
	FIXTURE f = fixture_good(
		HEAD "exec:\n"
		     "  - {path: /a, sha256: "
		     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}\n"
		     "  - {path: /a, sha256: " A64 "}\n  - {path: /b, sha256: " B64 "}\n");

	(void)state;
	assert_int_equal(f.compiled->n_programs, 2);
	assert_string_equal(f.compiled->programs[0].sha256, A64);
	assert_fault(HEAD "exec:\n  - {path: /a, sha256: " A64 "}\n"
			  "  - {path: /a, sha256: " B64 "}\n",
		     "contradiction", 4, 12);
	assert_fault(HEAD "exec:\n  - {path: /a, sha256: xyz}\n", "bad-digest", 3, 24);
	assert_fault(PIN("'/a/*'"), "wildcard", 3, 12);
	assert_fault(PIN("a"), "bad-path", 3, 12);
	assert_fault(HEAD "exec: {path: /a}\n", "wrong-type", 2, 7);
}

/* What may be executed by a rule that does not let it be written. */
static void programs_are_what_a_rule_lets_run_but_not_write(void **state)
{
	FIXTURE f = fixture_good(HEAD "filesystem:\n  rules:\n"
				      "    - {allow: rx, paths: /usr}\n"
				      "    - {deny: write, paths: /usr/lib}\n"
				      "    - {deny: exec, paths: /usr/share}\n"
				      "    - {allow: [rw, exec], paths: /w}\n"
				      "    - {deny: write, paths: /w/hooks}\n"
				      "    - {allow: rw, paths: /data}\n");

	(void)state;
	assert_true(flag(&f, "/usr", SBX_EDGE_PROGRAM));
	assert_true(flag(&f, "/usr/lib", SBX_EDGE_PROGRAM));
	assert_false(flag(&f, "/usr/share", SBX_EDGE_PROGRAM));
	assert_false(flag(&f, "/w", SBX_EDGE_PROGRAM));
	assert_false(flag(&f, "/w/hooks", SBX_EDGE_PROGRAM));
	assert_false(flag(&f, "/data", SBX_EDGE_PROGRAM));
	assert_false(f.compiled->job.root_flags & SBX_EDGE_PROGRAM);
}

static void the_root_is_marked_like_any_other(void **state)
{
	FIXTURE f = fixture_good(HEAD "filesystem:\n  rules:\n    - {allow: rx, paths: /}\n");

	(void)state;
	assert_true(f.compiled->job.root_flags & SBX_EDGE_PROGRAM);
}

static void the_line_of_a_pin_and_of_a_named_violation(void **state)
{
	FIXTURE f = fixture_good(PIN("/bin/x") "filesystem:\n  rules:\n"
					       "    - {allow: rx, paths: /bin}\n"
					       "    - {deny: write, paths: /bin}\n");
	struct sbx_event event = { .op = SBX_OP_EXEC,
				   .reason = SBX_REASON_PIN,
				   .node = edge_of(&f, "/bin/x")->node,
				   .rights = SBX_RIGHT_EXEC,
				   .rule = SBX_RULE_NONE };

	(void)state;
	assert_int_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event))->place.line, 3);
	event.node = 60000;
	assert_non_null(sbx_compiled_decider(f.compiled, &event, sizeof(event))->text);
	event = (struct sbx_event){ .op = SBX_OP_OPEN,
				    .reason = SBX_REASON_RULE,
				    .guard = SBX_GUARD_EXEC_TAMPER,
				    .node = edge_of(&f, "/bin")->node,
				    .rights = SBX_RIGHT_WRITE,
				    .rule = SBX_RULE_NONE };
	assert_int_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event))->place.line, 7);
	event.reason = SBX_REASON_GUARD;
	assert_ptr_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event)),
			 &f.compiled->guards[SBX_GUARD_EXEC_TAMPER]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_marks_the_very_file_and_gives_no_right),
		cmocka_unit_test(a_directory_above_a_pin_is_not_uniform),
		cmocka_unit_test(a_pinned_link_marks_both_names),
		cmocka_unit_test(digests_are_read_in_both_cases_and_once),
		cmocka_unit_test(programs_are_what_a_rule_lets_run_but_not_write),
		cmocka_unit_test(the_root_is_marked_like_any_other),
		cmocka_unit_test(the_line_of_a_pin_and_of_a_named_violation),
	};

	return cmocka_run_group_tests_name("compile_exec", tests, NULL, NULL);
}

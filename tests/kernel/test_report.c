// SPDX-License-Identifier: GPL-2.0-only
/* What a run leaves for readers: log, result, summary; each as its schema or its verifier has it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/start.h"

#define SECRET T "/secret"
#define P                                           \
	"version: 1\n"                              \
	"name: test\n"                              \
	"filesystem:\n"                             \
	"  default: allow\n"                        \
	"  rules:\n"                                \
	"    - {deny: [read], paths: " SECRET "}\n" \
	"guards: {default: deny, bpf: log}\n"       \
	"limits: {memory: 64M, pids: 32, wall_time: 60s}\n"

static void check_says(const char *where, const char *words)
{
	if (!where || !strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where ? where : "(nothing)");
}

/* Four refusals, one of them an escape, and one logged. */
static void run_four(bool loud, const char *audit, struct run *ret_run)
{
	static const char *const argv[] = { ACT,    "open", "r",    SECRET, ",", "times",
					    "1",    "open", "r",    SECRET, ",", "chroot",
					    T,	    ",",    "bpf",  "map",  ",", "fork",
					    "open", "r",    SECRET, NULL };
	const struct start start = {
		.name = "four", .policy = P, .argv = argv, .loud = loud, .audit = audit
	};

	make(SECRET, "x");
	do_run(&start, ret_run);
	assert_int_equal(ret_run->status, 0);
	assert_string_equal(ret_run->out, "EACCES\nEACCES\nEPERM\nok\nEACCES\n");
}

/* --- schemas, as far as a small reader of them goes ----------------------------------------------
 */

static const json_t *schema_root;

static bool is_of_type(const json_t *value, const char *type)
{
	return (!strcmp(type, "object") && json_is_object(value)) ||
	       (!strcmp(type, "array") && json_is_array(value)) ||
	       (!strcmp(type, "string") && json_is_string(value)) ||
	       (!strcmp(type, "integer") && json_is_integer(value)) ||
	       (!strcmp(type, "number") && json_is_number(value)) ||
	       (!strcmp(type, "boolean") && json_is_boolean(value)) ||
	       (!strcmp(type, "null") && json_is_null(value));
}

static bool type_fits(const json_t *value, const json_t *types)
{
	if (json_is_string(types))
		return is_of_type(value, json_string_value(types));
	for (size_t i = 0; i < json_array_size(types); i++) {
		if (is_of_type(value, json_string_value(json_array_get(types, i))))
			return true;
	}
	return !types;
}

static bool is_one_of(const json_t *value, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_equal(value, json_array_get(list, i)))
			return true;
	}
	return !list;
}

static const json_t *resolve(const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));

	if (!ref)
		return schema;
	assert_int_equal(strncmp(ref, "#/$defs/", 8), 0);
	schema = json_object_get(json_object_get(schema_root, "$defs"), ref + 8);
	assert_non_null(schema);
	return schema;
}

static void check_schema(const char *path, const json_t *value, const json_t *schema);

static void check_members(const char *path, const json_t *value, const json_t *schema)
{
	const json_t *known = json_object_get(schema, "properties");
	const json_t *rest = json_object_get(schema, "additionalProperties");
	const json_t *required = json_object_get(schema, "required");
	const char *key;
	json_t *member;

	for (size_t i = 0; i < json_array_size(required); i++) {
		key = json_string_value(json_array_get(required, i));
		if (!json_object_get(value, key))
			fail_msg("%s has no %s", path, key);
	}
	json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
		const json_t *one = json_object_get(known, key);

		if (!one && json_is_false(rest))
			fail_msg("%s has a member %s that the schema does not know", path, key);
		if (one || json_is_object(rest))
			check_schema(text("%s.%s", path, key), member, one ? one : rest);
	}
}

static void check_schema(const char *path, const json_t *value, const json_t *schema)
{
	const json_t *constant, *minimum;

	schema = resolve(schema);
	constant = json_object_get(schema, "const");
	minimum = json_object_get(schema, "minimum");
	if (!type_fits(value, json_object_get(schema, "type")) ||
	    !is_one_of(value, json_object_get(schema, "enum")) ||
	    (constant && !json_equal(value, constant)) ||
	    (minimum && json_is_number(value) &&
	     json_number_value(value) < json_number_value(minimum)))
		fail_msg("%s is %s", path, json_dumps(value, JSON_ENCODE_ANY));
	if (json_is_object(value))
		check_members(path, value, schema);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *items = json_object_get(schema, "items");

		if (items)
			check_schema(path, json_array_get(value, i), items);
	}
}

/* The folder docs/schema: of the folder that the test is run in, or of its own checkout. */
static json_t *load_schema(const char *name)
{
	json_t *schema = json_load_file(text("docs/schema/%s", name), 0, NULL);
	char exe[512] = "";
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (!schema && n > 0) {
		*strrchr(exe, '/') = '\0';
		schema = json_load_file(text("%s/../../docs/schema/%s", exe, name), 0, NULL);
	}
	if (!schema)
		fail_msg("no docs/schema/%s", name);
	return schema;
}

static void the_result_is_as_its_schema_says(void **state)
{
	static const char *const missing[] = { "sbx-no-such-command", NULL };
	const struct start not_found = { .name = "absent", .policy = P, .argv = missing };
	const struct start no_policy = { .name = "none",
					 .policy_path = T "/no.yaml",
					 .argv = missing };
	json_t *schema = load_schema("result.schema.json");
	struct run run;

	(void)state;
	schema_root = schema;
	run_four(false, NULL, &run);
	check_schema("result", run.result, schema);
	assert_int_equal(result_number(&run, "metrics.escapes.chroot"), 1);
	assert_int_equal(result_number(&run, "metrics.escapes.bpf"), 1);
	assert_string_equal(result_text(&run, "isolation.files"),
			    text("%s%s", mechanism(), getenv("SBX_REQUIRE") ? "+landlock" : ""));
	assert_string_equal(result_text(&run, "isolation.network"), text("%s+cgroup", mechanism()));
	free_run(&run);
	do_run(&not_found, &run);
	check_schema("result", run.result, schema);
	free_run(&run);
	do_run(&no_policy, &run);
	assert_int_equal(run.status, 125);
	check_schema("result", run.result, schema);
	free_run(&run);
	json_decref(schema);
}

/* --- the log
 * ------------------------------------------------------------------------------------------ */

static int verify(const char *path)
{
	return command((const char *const[]){ sbx_bin(), "audit", "verify", "-q", path, NULL });
}

static const char *record_text(const json_t *log, size_t i, const char *key)
{
	const char *value = json_string_value(json_object_get(json_array_get(log, i), key));

	return value ? value : "";
}

static void the_log_begins_ends_and_verifies(void **state)
{
	struct run run;
	size_t last;

	(void)state;
	run_four(false, NULL, &run);
	check_accounts(&run, 4, NULL);
	last = json_array_size(run.log) - 1;
	assert_int_equal(last, 6);
	assert_string_equal(record_text(run.log, 0, "type"), "lifecycle");
	assert_string_equal(record_text(run.log, last, "type"), "lifecycle");
	assert_string_equal(record_text(run.log, last, "hash"),
			    result_text(&run, "provenance.log_head_sha256"));
	assert_int_equal(verify(run.log_path), 0);
	free_run(&run);
}

static void two_runs_share_a_log_one_after_the_other(void **state)
{
	struct run run;

	(void)state;
	run_four(false, T "/both.jsonl", &run);
	free_run(&run);
	run_four(false, T "/both.jsonl", &run);
	assert_int_equal(count_records(run.log, "lifecycle"), 4);
	assert_int_equal(verify(run.log_path), 0);
	free_run(&run);
}

/* Changes the first byte of `from` in the file to the first of `to`. */
static void falsify(const char *path, const char *from, char to)
{
	char *bytes = slurp(path);
	char *at = bytes ? strstr(bytes, from) : NULL;

	assert_non_null(at);
	*at = to;
	spit(path, bytes);
}

static void a_falsified_log_does_not_verify(void **state)
{
	struct run run;
	struct stat st;

	(void)state;
	run_four(false, NULL, &run);
	assert_int_equal(verify(run.log_path), 0);
	falsify(run.log_path, "secret", 'S');
	assert_int_equal(verify(run.log_path), 1);
	falsify(run.log_path, "Secret", 's');
	assert_int_equal(verify(run.log_path), 0);
	assert_int_equal(stat(run.log_path, &st), 0);
	assert_int_equal(truncate(run.log_path, st.st_size - 20), 0);
	assert_int_equal(verify(run.log_path), 1);
	assert_int_equal(verify(T "/no-such-log"), 125);
	free_run(&run);
}

/* --- the summary
 * --------------------------------------------------------------------------------------- */

static void the_summary_says_what_by_which_line_and_the_remedy(void **state)
{
	struct run run;

	(void)state;
	run_four(true, NULL, &run);
	check_says(run.err, "sbx-bpf: job four: 3 refusals, 2 escape attempts");
	check_says(run.err, "3x");
	check_says(run.err, SECRET);
	check_says(run.err, "four.yaml:6");
	check_says(run.err, "to allow:");
	check_says(run.err, "ESCAPE chroot");
	check_says(run.err, run.log_path);
	free_run(&run);
}

static void quiet_says_nothing(void **state)
{
	struct run run;

	(void)state;
	run_four(false, NULL, &run);
	assert_string_equal(run.err, "");
	free_run(&run);
}

static void print_unrefused(const json_t *proof)
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(proof, "techniques"), i, row)
		if (strcmp(json_string_value(json_object_get(row, "verdict")), "refused"))
			print_message("%s: %s\n", json_string_value(json_object_get(row, "name")),
				      json_string_value(json_object_get(row, "verdict")));
}

/* The attack suite's harmless part, in a job on this host: every attack refused, with its event. */
static void doctor_proves_that_attacks_are_refused(void **state)
{
	const char *words = text("%s doctor --prove --json > " T "/proof", sbx_bin());
	const char *const argv[] = { "sh", "-c", words, NULL };
	json_t *proof;
	int status;

	(void)state;
	if (access(".output/escape/escape", X_OK))
		skip_because("the attack suite is not built (make escape-bins)");
	status = command(argv);
	if (getenv("SBX_REQUIRE")) { /* nothing is proved where best effort is the most there is */
		assert_int_equal(status, 125);
		return;
	}
	proof = json_load_file(T "/proof", 0, NULL);
	if (status || !json_is_true(json_object_get(proof, "proved"))) {
		print_unrefused(proof);
		fail_msg("status %d", status);
	}
	assert_int_equal(json_integer_value(json_object_get(proof, "failed")), 0);
	assert_int_equal(json_integer_value(json_object_get(proof, "gaps")), 0);
	assert_true(json_integer_value(json_object_get(proof, "refused")) > 250);
	json_decref(proof);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(the_result_is_as_its_schema_says),
		RUNS_TEST(the_log_begins_ends_and_verifies),
		RUNS_TEST(two_runs_share_a_log_one_after_the_other),
		RUNS_TEST(a_falsified_log_does_not_verify),
		RUNS_TEST(the_summary_says_what_by_which_line_and_the_remedy),
		RUNS_TEST(quiet_says_nothing),
		RUNS_TEST(doctor_proves_that_attacks_are_refused),
	};

	return RUN_SUITE("report", tests);
}

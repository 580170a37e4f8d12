// SPDX-License-Identifier: GPL-2.0-only
/* Programs that a policy pins by their digest, and changing files that may be executed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"
#include "lib/start.h"

#define P T "/bin/prog"
#define M T "/more/prog"
#define NOT_PINNED(op, path)                              \
	"EACCES",                                         \
	{                                                 \
		{                                         \
			op, path, "exec", "sha256", "pin" \
		}                                         \
	}
#define TAMPER(op, path)                                                   \
	"EPERM",                                                           \
	{                                                                  \
		{                                                          \
			op, path, NULL, "built in", "guard", "exec_tamper" \
		}                                                          \
	}
/* Refused by a rule; the guard only names it. */
#define NAMED(op, path, rights)                                       \
	"EACCES",                                                     \
	{                                                             \
		{                                                     \
			op, path, rights, NULL, "rule", "exec_tamper" \
		}                                                     \
	}

static const char rules[] = POLICY_HEAD "    - {allow: rx, paths: " T "/bin}\n"
					"    - {allow: [rw, exec], paths: " T "/more}\n"
					"    - {allow: ro, paths: " T "/lib}\n";

static const char *digest(const char *path)
{
	const char *const words[] = { "sha256sum", path, NULL };
	int status = 0;
	const char *out = output_of(words, &status);

	assert_int_equal(status, 0);
	return text("%.64s", out);
}

/* The rules, and `path` pinned to what it is now. */
static const char *pinning(const char *path)
{
	return text("%sexec:\n  - {path: %s, sha256: %s}\n", rules, path, digest(path));
}

static void make_programs(void)
{
	make_program(P);
	make_program(T "/bin/free");
	make_program(M);
	make_program(T "/more/free");
	make(T "/more/dir/file", "x\n");
}

static void a_pinned_program_runs(void **state)
{
	static const struct row rows[] = {
		{ "exec " P, "ok" },	      { "map " P " rx", "ok" },
		{ "protect " P " rx", "ok" }, { "exec " T "/bin/free", "ok" },
		{ "open r " P, "ok" },
	};

	(void)state;
	make_programs();
	check_rows(pinning(P), rows, ARRAY_SIZE(rows));
}

static void change_content(void)
{
	FILE *file = fopen(P, "ae");

	assert_non_null(file);
	assert_true(fputs("x", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void replace_by_a_copy(void)
{
	const char *const words[] = { "cp", "-p", P, T "/copy", NULL };

	assert_int_equal(command(words), 0);
	assert_int_equal(rename(T "/copy", P), 0);
}

static void change_mode(void)
{
	assert_int_equal(chmod(P, 0700), 0);
}

static int writer_fd;

static void open_for_writing(void)
{
	writer_fd = open(P, O_WRONLY | O_CLOEXEC);
	assert_true(writer_fd >= 0);
}

static void close_again(void)
{
	assert_int_equal(close(writer_fd), 0);
}

static void after(void (*change)(void))
{
	struct row rows[] = {
		{ "exec " P, "ok" },
		{ "sync", "ok", .host = change },
		{ "exec " P, NOT_PINNED("exec", P) },
		{ "map " P " rx", NOT_PINNED("map-exec", P) },
		{ "protect " P " rx", NOT_PINNED("map-exec", P) },
		{ "open r " P, "ok" },
		{ "exec " T "/bin/free", "ok" },
	};

	make_programs();
	check_rows(pinning(P), rows, ARRAY_SIZE(rows));
}

static void a_changed_file_is_not_executed(void **state)
{
	(void)state;
	after(change_content);
}

static void a_replaced_file_is_not_executed(void **state)
{
	(void)state;
	after(replace_by_a_copy);
}

static void a_file_with_other_attributes_is_not_executed(void **state)
{
	(void)state;
	after(change_mode);
}

static void a_file_is_not_mapped_while_it_is_open_for_writing(void **state)
{
	static const struct row rows[] = {
		{ "map " P " rx", "ok" },
		{ "sync", "ok", .host = open_for_writing },
		{ "map " P " rx", NOT_PINNED("map-exec", P) },
		{ "sync", "ok", .host = close_again },
		{ "map " P " rx", "ok" },
	};

	(void)state;
	make_programs();
	check_rows(pinning(P), rows, ARRAY_SIZE(rows));
}

static void both_names_of_a_pinned_link_are_pinned(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/link", "ok" },
		{ "exec " P, "ok" },
		{ "sync", "ok", .host = change_content },
		{ "exec " T "/bin/link", NOT_PINNED("exec", P) },
		{ "exec " P, NOT_PINNED("exec", P) },
	};

	(void)state;
	make_programs();
	assert_int_equal(symlink("prog", T "/bin/link"), 0);
	check_rows(pinning(T "/bin/link"), rows, ARRAY_SIZE(rows));
}

static void refuse_to_start(const char *policy, const char *why)
{
	static const char *const argv[] = { P, NULL };
	struct start start = { .name = "pins", .policy = policy, .argv = argv, .loud = true };
	struct run run = { 0 };

	do_run(&start, &run);
	assert_int_equal(run.status, 125);
	if (!strstr(run.err, why))
		fail_msg("wanted \"%s\" in: %s", why, run.err);
	free_run(&run);
}

static void another_digest_is_told_and_nothing_runs(void **state)
{
	const char *before;

	(void)state;
	make_programs();
	before = pinning(P);
	change_content();
	refuse_to_start(before, text("its SHA-256 is %s", digest(P)));
}

static void what_has_no_digest_is_told_and_nothing_runs(void **state)
{
	const char *policy;

	(void)state;
	make_programs();
	policy = pinning(P);
	open_for_writing();
	refuse_to_start(policy, "is open for writing (ETXTBSY)");
	close_again();
	assert_int_equal(unlink(P), 0);
	refuse_to_start(policy, "cannot be opened (ENOENT)");
	assert_int_equal(mkdir(P, 0700), 0);
	refuse_to_start(policy, "is not a regular file (EINVAL)");
}

static void a_pinned_file_may_not_be_changed(void **state)
{
	static const struct row rows[] = {
		{ "open r " M, "ok" },
		{ "open r+creat " M, "ok" },
		{ "open w " M, TAMPER("open", M) },
		{ "open rw+creat+trunc " M, TAMPER("open", M) },
		{ "truncate " M, TAMPER("truncate", M) },
		{ "unlink " M, TAMPER("unlink", M) },
		{ "chmod " M " 700", TAMPER("chmod", M) },
		{ "chown " M " 0", TAMPER("chown", M) },
		{ "utimes " M, TAMPER("utimes", M) },
		{ "link " M " " T "/more/other", TAMPER("link", M) },
		{ "rename " M " " T "/more/other", TAMPER("rename", M) },
		{ "rename " T "/more/free " M, TAMPER("rename", M) },
		{ "exchange " T "/more/free " M, TAMPER("rename", M) },
		{ "rename " T "/more " T "/other",
		  "EACCES",
		  { { "rename", T "/other", "create" } } },
		{ "exec " M, "ok" },
		{ "open w " T "/more/free", "ok" },
		{ "rename " T "/more/free " T "/more/renamed", "ok" },
		{ "unlink " T "/more/renamed", "ok" },
		{ "rename " T "/more/dir " T "/more/moved", "ok" },
	};

	(void)state;
	make_programs();
	check_rows(pinning(M), rows, ARRAY_SIZE(rows));
}

static void a_directory_with_a_pinned_file_stays(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/more/dir " T "/more/moved",
		  "EXDEV",
		  { { "rename", T "/more/moved", NULL, NULL, "dir-move" } } },
		{ "open w+creat " T "/more/dir/other", "ok" },
	};

	(void)state;
	make_programs();
	check_rows(pinning(T "/more/dir/file"), rows, ARRAY_SIZE(rows));
}

static void changing_it_may_be_allowed_but_then_it_does_not_run(void **state)
{
	static const struct row rows[] = {
		{ "chmod " M " 755", "ok" },
		{ "exec " M, NOT_PINNED("exec", M) },
	};

	(void)state;
	make_programs();
	check_rows(text("%sguards: {exec_tamper: allow}\n", pinning(M)), rows, ARRAY_SIZE(rows));
}

static void changing_what_may_only_be_executed_has_a_name(void **state)
{
	static const struct row rows[] = {
		{ "open w " P, NAMED("open", P, "write") },
		{ "open w+creat+trunc " P, NAMED("open", P, "write") },
		{ "truncate " P, NAMED("truncate", P, "write") },
		{ "unlink " P, NAMED("unlink", P, "delete") },
		{ "chmod " P " 700", NAMED("chmod", P, "attr") },
		{ "rename " T "/more/free " P, NAMED("rename", P, "create+delete") },
		{ "link " P " " T "/more/other", NAMED("link", P, "write") },
		/* making a new file, or changing what cannot be executed, is no such thing */
		{ "mkreg " T "/bin/new", "EACCES", { { "create", T "/bin/new", "create" } } },
		{ "open w " T "/lib/file", "EACCES", { { "open", T "/lib/file", "write" } } },
		{ "open w " T "/more/free", "ok" },
		{ "unlink " T "/more/free", "ok" },
		{ "exec " P, "ok" },
	};

	(void)state;
	make_programs();
	make(T "/lib/file", "x\n");
	check_rows(rules, rows, ARRAY_SIZE(rows));
}

static void the_name_does_not_weaken_the_rule(void **state)
{
	static const struct row plain[] = {
		{ "open w " P, "EACCES", { { "open", P, "write" } } },
	};
	static const struct row named[] = { { "open w " P, NAMED("open", P, "write") } };
	static const struct row killed[] = {
		{ "fork open w " P,
		  "SIGKILL",
		  { { "open", P, "write", NULL, "rule", "exec_tamper", "killed", "EACCES" } } },
	};

	(void)state;
	make_programs();
	check_rows(text("%sguards: {exec_tamper: allow}\n", rules), plain, 1);
	check_rows(text("%sguards: {exec_tamper: log}\n", rules), named, 1);
	check_rows(text("%sguards: {exec_tamper: kill}\n", rules), killed, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_pinned_program_runs),
		TEST(a_changed_file_is_not_executed),
		TEST(a_replaced_file_is_not_executed),
		TEST(a_file_with_other_attributes_is_not_executed),
		TEST(a_file_is_not_mapped_while_it_is_open_for_writing),
		TEST(both_names_of_a_pinned_link_are_pinned),
		RUNS_TEST(another_digest_is_told_and_nothing_runs),
		RUNS_TEST(what_has_no_digest_is_told_and_nothing_runs),
		TEST(a_pinned_file_may_not_be_changed),
		TEST(a_directory_with_a_pinned_file_stays),
		TEST(changing_it_may_be_allowed_but_then_it_does_not_run),
		TEST(changing_what_may_only_be_executed_has_a_name),
		TEST(the_name_does_not_weaken_the_rule),
	};

	return RUN_SUITE("exec_pins", tests);
}

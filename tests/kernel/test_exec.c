// SPDX-License-Identifier: GPL-2.0-only
/* Execution, and every way to get code running that the policy does not let run. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define NOT_RUN(path)                             \
	"EACCES",                                 \
	{                                         \
		{                                 \
			"exec", path, "exec", "*" \
		}                                 \
	}
#define NOT_MAPPED(path)                              \
	"EACCES",                                     \
	{                                             \
		{                                     \
			"map-exec", path, "exec", "*" \
		}                                     \
	}

static const char policy[] = POLICY_HEAD "    - {allow: rx, paths: " T "/bin}\n"
					 "    - {allow: ro, paths: " T "/read}\n"
					 "    - {allow: exec, paths: " T "/run}\n"
					 "    - {allow: rw, paths: " T "/work}\n";

static void make_script(const char *path, const char *first_line)
{
	make(path, text("#!%s\n", first_line));
	assert_int_equal(chmod(path, 0755), 0);
}

static void make_tree(void)
{
	make_program(T "/bin/prog");
	make_program(T "/read/prog");
	make_program(T "/run/prog");
	make_program(T "/no/prog");
	make(T "/work/", "");
}

static void executing_needs_exec_alone(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/prog", "ok" },
		{ "exec " T "/run/prog", "ok" },
		{ "exec " T "/read/prog", NOT_RUN(T "/read/prog") },
		{ "exec " T "/no/prog", NOT_RUN(T "/no/prog") },
		{ "execat " T "/bin prog", "ok" },
		{ "execat " T "/no prog", NOT_RUN(T "/no/prog") },
		{ "open r " T "/run/prog", "EACCES", { { "open", T "/run/prog", "read" } } },
		{ "hold 10 r+path " T "/bin/prog", "ok" },
		{ "fd-exec 10", "ok" },
		{ "hold 11 r+path " T "/no/prog", "ok" },
		{ "fd-exec 11", NOT_RUN(T "/no/prog") },
		{ "hold 12 r " T "/read/prog", "ok" },
		{ "fd-exec 12", NOT_RUN(T "/read/prog") },
		{ "exec /proc/self/fd/12", NOT_RUN(T "/read/prog") },
		{ "exec " T "/no/none", "ENOENT" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void a_program_is_judged_by_the_same_policy(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/prog -x open r " T "/read/prog", "ok" },
		{ "exec " T "/bin/prog -x open r " T "/no/prog",
		  "exit-13",
		  { { "open", T "/no/prog", "read", .error = "EACCES" } } },
		{ "exec " T "/bin/prog -x exec " T "/no/prog",
		  "exit-13",
		  { { "exec", T "/no/prog", "exec", .error = "EACCES" } } },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void scripts_need_exec_and_so_do_their_interpreters(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/script", "ok" },
		{ "exec " T "/no/script", NOT_RUN(T "/no/script") },
		{ "exec " T "/read/script", NOT_RUN(T "/read/script") },
		{ "exec " T "/bin/by-no", NOT_RUN(T "/no/prog") },
		{ "exec " T "/bin/by-script", "ok" },
		{ "exec " T "/bin/by-no-script", NOT_RUN(T "/no/script") },
	};

	(void)state;
	make_tree();
	make_script(T "/bin/script", T "/bin/prog nop");
	make_script(T "/no/script", T "/bin/prog nop");
	make_script(T "/read/script", T "/bin/prog nop");
	make_script(T "/bin/by-no", T "/no/prog nop");
	make_script(T "/bin/by-script", T "/bin/script");
	make_script(T "/bin/by-no-script", T "/no/script");
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void symbolic_links_to_programs_lead_to_the_target(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/no/to-bin", "ok" },
		{ "exec " T "/bin/to-no", NOT_RUN(T "/no/prog") },
	};

	(void)state;
	make_tree();
	assert_int_equal(symlink("../bin/prog", T "/no/to-bin"), 0);
	assert_int_equal(symlink("../no/prog", T "/bin/to-no"), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void copy_file(const char *from, const char *to)
{
	const char *const words[] = { "cp", "-L", from, to, NULL };

	assert_int_equal(command(words), 0);
}

static const char *loader(void)
{
	static const char *const known[] = { "/lib64/ld-linux-x86-64.so.2",
					     "/lib/ld-linux-aarch64.so.1" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!access(known[i], X_OK))
			return known[i];
	}
	return NULL;
}

static void the_dynamic_loader_is_no_way_round(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/true", "ok" },
		{ "exec $LOADER " T "/bin/true", "ok" },
		{ "exec " T "/no/true", NOT_RUN(T "/no/true") },
		{ "exec $LOADER " T "/no/true",
		  "exit-127",
		  { { "open", T "/no/true", "read", .error = "EACCES" } } },
		{ "exec $LOADER " T "/read/true",
		  "exit-127",
		  { { "map-exec", T "/read/true", "exec", .error = "EACCES" } } },
	};

	(void)state;
	if (!loader())
		skip_because("no dynamic loader where it is expected");
	set_var("LOADER", "%s", loader());
	make_tree();
	copy_file("/bin/true", T "/bin/true");
	copy_file("/bin/true", T "/read/true");
	copy_file("/bin/true", T "/no/true");
	check_rows(text("%s    - {allow: rx, paths: [/usr, /lib, /lib64]}\n"
			"    - {allow: ro, paths: /etc/ld.so.cache}\n",
			policy),
		   rows, ARRAY_SIZE(rows));
}

static void mapping_for_execution_needs_exec(void **state)
{
	static const struct row rows[] = {
		{ "map " T "/bin/prog rx", "ok" },
		{ "map " T "/read/prog r", "ok" },
		{ "map " T "/read/prog rx", NOT_MAPPED(T "/read/prog") },
		{ "map " T "/read/prog rwx", NOT_MAPPED(T "/read/prog") },
		{ "protect " T "/bin/prog rx", "ok" },
		{ "protect " T "/read/prog rw", "ok" },
		{ "protect " T "/read/prog rx", NOT_MAPPED(T "/read/prog") },
		{ "protect " T "/read/prog rwx", NOT_MAPPED(T "/read/prog") },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void files_without_a_path_are_free_but_not_to_execute(void **state)
{
	static const struct row rows[] = {
		{ "memfd 10", "ok" },
		{ "fd-copy 10 " T "/read/prog", "ok" },
		{ "fd-read 10", "ok" },
		{ "fd-map 10 rw", "ok" },
		{ "fd-exec 10", "EPERM", { { "exec", "*", .guard = "fileless_exec" } } },
		{ "exec /proc/self/fd/10", "EPERM", { { "exec", "*", .guard = "fileless_exec" } } },
		{ "fd-map 10 rx", "EPERM", { { "map-exec", "*", .guard = "fileless_exec" } } },
		{ "open rw /proc/self/fd/10", "ok" },
		{ "pipe 20", "ok" },
		{ "fd-write 21", "ok" },
		{ "fd-read 20", "ok" },
		{ "open r+nonblock /proc/self/fd/20", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void fileless_execution_may_be_allowed(void **state)
{
	static const struct row rows[] = {
		{ "memfd 10", "ok" },
		{ "fd-copy 10 " T "/read/prog", "ok" },
		{ "fd-exec 10", "ok" },
		{ "fd-map 10 rx", "ok" },
		{ "exec " T "/no/prog", NOT_RUN(T "/no/prog") },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {fileless_exec: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void a_file_that_the_job_wrote_runs_only_where_exec_is_allowed(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 rw+creat " T "/work/made", "ok" },
		{ "fd-copy 10 " T "/read/prog", "ok" },
		{ "chmod " T "/work/made 755", "ok" },
		{ "close 10", "ok" },
		{ "exec " T "/work/made", NOT_RUN(T "/work/made") },
		{ "map " T "/work/made rx", NOT_MAPPED(T "/work/made") },
		{ "rename " T "/work/made " T "/bin/made",
		  "EACCES",
		  { { "rename", T "/bin/made", "create" } } },
		{ "open rw+tmpfile " T "/work", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

#define NAMELESS(op, path)                                 \
	"EPERM",                                           \
	{                                                  \
		{                                          \
			op, path, .guard = "fileless_exec" \
		}                                          \
	}

static void make_more(void)
{
	make_tree();
	make_program(T "/more/prog");
	make_program(T "/more/kept");
	make_program(T "/work/prog");
	assert_int_equal(link(T "/more/kept", T "/more/other"), 0);
}

static void a_program_without_a_name_is_not_run(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 r " T "/more/prog", "ok" },
		{ "fd-exec 10", "ok" },
		{ "fd-map 10 rx", "ok" },
		{ "unlink " T "/more/prog", "ok" },
		{ "fd-exec 10", NAMELESS("exec", T "/more/prog") },
		{ "exec /proc/self/fd/10", NAMELESS("exec", T "/more/prog") },
		{ "fd-map 10 rx", NAMELESS("map-exec", T "/more/prog") },
		{ "fd-map 10 r", "ok" },
		{ "hold 11 r " T "/more/kept", "ok" },
		{ "unlink " T "/more/kept", "ok" },
		{ "fd-exec 11", NAMELESS("exec", T "/more/kept") },
		{ "exec " T "/more/other", "ok" },
		{ "hold 12 rw+tmpfile " T "/more", "ok" },
		{ "fd-copy 12 " T "/read/prog", "ok" },
		{ "fd-chmod 12", "ok" },
		{ "fd-map 12 rx", NAMELESS("map-exec", "*") },
		{ "fd-link 12 " T "/more/new", "ok" },
	};

	(void)state;
	make_more();
	check_rows(text("%s    - {allow: [rw, exec], paths: " T "/more}\n", policy), rows,
		   ARRAY_SIZE(rows));
}

static void a_deleted_program_that_may_run_is_judged_by_its_last_name(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 r " T "/more/prog", "ok" },
		{ "hold 11 r " T "/work/prog", "ok" },
		{ "unlink " T "/more/prog", "ok" },
		{ "unlink " T "/work/prog", "ok" },
		{ "fd-exec 10", "ok" },
		{ "fd-map 10 rx", "ok" },
		{ "fd-exec 11", NOT_RUN(T "/work/prog") },
		{ "fd-map 11 rx", NOT_MAPPED(T "/work/prog") },
	};

	(void)state;
	make_more();
	check_rows(text("%s    - {allow: [rw, exec], paths: " T "/more}\n"
			"guards: {fileless_exec: allow}\n",
			policy),
		   rows, ARRAY_SIZE(rows));
}

#define MADE(object)                                                                  \
	"EPERM",                                                                      \
	{                                                                             \
		{                                                                     \
			"map-exec", object, .rule = "anon_exec", .guard = "anon_exec" \
		}                                                                     \
	}
#define MADE_AND_KILLED                                                                      \
	"SIGKILL",                                                                           \
	{                                                                                    \
		{                                                                            \
			"map-exec", NULL, NULL, "anon_exec", "guard", "anon_exec", "killed", \
				"EPERM"                                                      \
		}                                                                            \
	}

/* The header of a program asks for a stack that is executable. */
static void make_with_stack(const char *path)
{
	unsigned char head[4096];
	Elf64_Ehdr *elf = (Elf64_Ehdr *)head;
	int fd;

	make_program(path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(read(fd, head, sizeof(head)), sizeof(head));
	for (int i = 0; i < elf->e_phnum; i++) {
		Elf64_Phdr *header = (Elf64_Phdr *)(head + elf->e_phoff) + i;

		if (header->p_type == PT_GNU_STACK)
			header->p_flags |= PF_X;
	}
	assert_int_equal(pwrite(fd, head, sizeof(head), 0), sizeof(head));
	assert_int_equal(close(fd), 0);
}

static void memory_that_is_no_file_is_not_executed(void **state)
{
	static const struct row rows[] = {
		{ "map-anon rw", "ok" },
		{ "map-anon rx", MADE(NULL) },
		{ "map-anon rwx", MADE(NULL) },
		{ "protect-anon rw", "ok" },
		{ "protect-anon rx", MADE(NULL) },
		{ "map-shared rx", MADE(NULL) },
		{ "protect-shared rx", MADE(NULL) },
		{ "shm-exec", MADE(NULL) },
		{ "protect-stack rw", "ok" },
		{ "protect-stack rwx", MADE(NULL) },
		{ "map " T "/bin/prog rx", "ok" },
		{ "map " T "/bin/prog rw", "ok" },
		{ "map " T "/bin/prog rwx", MADE(T "/bin/prog") },
		{ "protect " T "/bin/prog rx", "ok" },
		{ "protect " T "/bin/prog rwx", MADE(NULL) },
		{ "protect-changed " T "/bin/prog rw", "ok" },
		{ "protect-changed " T "/bin/prog rx", MADE(NULL) },
		{ "protect-code " T "/bin/prog rx", "ok" },
		{ "protect-code " T "/bin/prog rwx", MADE(NULL) },
		{ "exec " T "/bin/prog", "ok" },
		{ "exec " T "/bin/stack", MADE_AND_KILLED },
		{ "brk-implied", MADE_AND_KILLED },
	};

	(void)state;
	make_tree();
	make_with_stack(T "/bin/stack");
	check_rows(text("%sguards: {anon_exec: deny}\n", policy), rows, ARRAY_SIZE(rows));
}

static void memory_that_is_no_file_may_be_executed(void **state)
{
	static const struct row rows[] = {
		{ "map-anon rwx", "ok" },
		{ "protect-anon rx", "ok" },
		{ "map-shared rx", "ok" },
		{ "protect-shared rx", "ok" },
		{ "shm-exec", "ok" },
		{ "protect-stack rwx", "ok" },
		{ "map " T "/bin/prog rwx", "ok" },
		{ "protect-changed " T "/bin/prog rx", "ok" },
		{ "protect-code " T "/bin/prog rwx", "ok" },
		{ "exec " T "/bin/stack", "ok" },
		{ "brk-implied", "ok" },
		{ "protect-changed " T "/read/prog rx", NOT_MAPPED(T "/read/prog") },
	};

	(void)state;
	make_tree();
	make_with_stack(T "/bin/stack");
	check_rows(text("%sguards: {anon_exec: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

/* What the launcher executes is judged, too: 126, as a shell would say it. */
static void the_jobs_first_program_is_judged(void **state)
{
	static const char *const denied[] = { T "/no/prog", NULL };
	static const char *const allowed[] = { T "/bin/prog", NULL };
	struct job job = { .policy = policy, .argv = denied, .loose = true };
	struct outcome outcome = { 0 };

	(void)state;
	make_tree();
	run_job(&job, &outcome);
	assert_int_equal(outcome.status, 126);
	assert_int_equal(json_array_size(outcome.events), 1);
	outcome_free(&outcome);
	job.argv = allowed;
	run_job(&job, &outcome);
	assert_int_equal(outcome.status, 0);
	assert_int_equal(json_array_size(outcome.events), 0);
	outcome_free(&outcome);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(executing_needs_exec_alone),
		TEST(a_program_is_judged_by_the_same_policy),
		TEST(scripts_need_exec_and_so_do_their_interpreters),
		TEST(symbolic_links_to_programs_lead_to_the_target),
		TEST(the_dynamic_loader_is_no_way_round),
		TEST(mapping_for_execution_needs_exec),
		TEST(files_without_a_path_are_free_but_not_to_execute),
		TEST(fileless_execution_may_be_allowed),
		TEST(a_file_that_the_job_wrote_runs_only_where_exec_is_allowed),
		TEST(a_program_without_a_name_is_not_run),
		TEST(a_deleted_program_that_may_run_is_judged_by_its_last_name),
		TEST(memory_that_is_no_file_is_not_executed),
		TEST(memory_that_is_no_file_may_be_executed),
		TEST(the_jobs_first_program_is_judged),
	};

	return RUN_SUITE("exec", tests);
}

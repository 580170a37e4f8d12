// SPDX-License-Identifier: GPL-2.0-only
/* Known ways round path rules, long paths in events, a disk's filesystem, races. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/harness.h"

#define NOT_READ(path)                            \
	"EACCES",                                 \
	{                                         \
		{                                 \
			"open", path, "read", "*" \
		}                                 \
	}
#define NOT(op, path, rights)                 \
	"EACCES",                             \
	{                                     \
		{                             \
			op, path, rights, "*" \
		}                             \
	}
#define DISK "/var/tmp/sbx-test-disk" /* not a tmpfs */

static const char policy[] = POLICY_HEAD "    - {allow: rw, paths: " T "/in}\n"
					 "    - {allow: ro, paths: " T "/ro}\n"
					 "    - {allow: rx, paths: " T "/bin}\n";

static void reading_that_implies_executing_needs_exec(void **state)
{
	static const struct row rows[] = {
		{ "map-implied " T "/bin/prog", "ok" },
		{ "map-implied " T "/ro/prog", NOT("map-exec", T "/ro/prog", "exec") },
	};

	(void)state;
	make_program(T "/bin/prog");
	make_program(T "/ro/prog");
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* /bin/true with another loader of the same length of path. */
static void patch_loader(const char *path, const char *from, const char *to)
{
	struct stat st;
	char *bytes;
	FILE *file = fopen(path, "r+e");
	char *at;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	bytes = malloc((size_t)st.st_size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)st.st_size, file), st.st_size);
	at = memmem(bytes, (size_t)st.st_size, from, strlen(from) + 1);
	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	assert_int_equal(fseek(file, at - bytes, SEEK_SET), 0);
	assert_int_equal(fwrite(to, 1, strlen(to), file), strlen(to));
	assert_int_equal(fclose(file), 0);
	free(bytes);
}

#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define LOADER_NO "/tmp/sbx-test/no////////ld1"

static void a_programs_own_loader_needs_exec(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/bin/true", "ok" },
		{ "exec " T "/bin/true-no", NOT("exec", T "/no/ld1", "exec") },
	};
	static const char *const copy[] = { "cp", "/bin/true", T "/bin/true", NULL };
	static const char *const copy2[] = { "cp", "/bin/true", T "/bin/true-no", NULL };
	static const char *const copy3[] = { "cp", "-L", LOADER, T "/no/ld1", NULL };

	(void)state;
	if (access(LOADER, X_OK))
		skip_because("no dynamic loader where it is expected");
	make_all(T "/bin/", T "/no/", NULL);
	assert_int_equal(command(copy) + command(copy2) + command(copy3), 0);
	patch_loader(T "/bin/true-no", LOADER, LOADER_NO);
	check_rows(text("%s    - {allow: rx, paths: [/usr, /lib, /lib64]}\n"
			"    - {allow: ro, paths: /etc/ld.so.cache}\n",
			policy),
		   rows, ARRAY_SIZE(rows));
}

/* T/no and directories of 200 bytes each, so that the whole path has `len` bytes. */
static char *long_path(size_t len)
{
	char *path = text(T "/no%0*d", (int)(len - sizeof(T "/no") + 1), 0);

	for (size_t i = sizeof(T "/no") - 1; i + 1 < len; i += 200)
		path[i] = '/';
	return path;
}

static void events_show_long_paths_whole(void **state)
{
	static const size_t lengths[] = { 100, 239, 240, 241, 255, 1000, 3000, 4090 };
	struct row rows[ARRAY_SIZE(lengths)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *path = long_path(lengths[i]);

		make(path, "x");
		rows[i] = (struct row){ text("open r %s", path), NOT_READ(path) };
	}
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void events_say_when_a_path_did_not_fit(void **state)
{
	struct row rows[] = {
		{ NULL, "ok" },
		{ "cd 1", "ok" },
		{ "open r f", "EACCES", { { "open", "*", "read" } } },
	};
	struct job job = { .policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows) };
	struct outcome outcome = { 0 };
	char *path = long_path(4080);
	const json_t *object;

	(void)state;
	make(text("%s/", path), "");
	assert_int_equal(chdir(path), 0);
	assert_int_equal(mkdir("1", 0755), 0);
	assert_int_equal(chdir("1"), 0);
	for (int i = 0; i < 3; i++) {
		char *name = text("%0200d", 0);

		assert_int_equal(mkdir(name, 0755), 0);
		assert_int_equal(chdir(name), 0);
	}
	make("f", "x");
	assert_int_equal(chdir("/"), 0);
	rows[0].act = text("cd %s", path);
	rows[1].act = text("cd 1/%0200d/%0200d/%0200d", 0, 0, 0);
	run_job(&job, &outcome);
	object = json_object_get(json_array_get(outcome.events, 0), "object");
	assert_true(json_is_true(json_object_get(object, "path_truncated")));
	outcome_free(&outcome);
}

static void a_second_name_made_before_counts_as_it_says(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/second", "ok" },
		{ "open r " T "/no/f", NOT_READ(T "/no/f") },
	};

	(void)state;
	make_all(T "/no/f", T "/in/", NULL);
	assert_int_equal(link(T "/no/f", T "/in/second"), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void drop_caches(void)
{
	sync();
	spit("/proc/sys/vm/drop_caches", "2");
}

static void remove_disk(void)
{
	static const char *const words[] = { "rm", "-rf", DISK, NULL };

	assert_int_equal(command(words), 0);
}

/* A handle's file may have no name in memory; then there is no path that a rule could allow. */
static void a_handle_is_no_way_round_a_path(void **state)
{
	static const struct row rows[] = {
		{ "handle-get " DISK "/no/dir/f", "ok" },
		{ "sync", "ok", .host = drop_caches },
		{ "handle-use r " DISK "/list",
		  "EACCES",
		  { { "open", "*", "read", "*", .reason = "*" } } },
		{ "open r " DISK "/no/dir/f", NOT_READ(DISK "/no/dir/f") },
		{ "handle-use r " DISK "/list", NOT_READ(DISK "/no/dir/f") },
		{ "handle-open r " DISK "/list/f " DISK "/list", "ok" },
	};

	(void)state;
	remove_disk();
	make_all(DISK "/no/dir/f", DISK "/list/f", NULL);
	check_rows(text("%s    - {allow: ro, paths: " DISK "/list}\n"
			"guards: {capability: allow}\n",
			policy),
		   rows, ARRAY_SIZE(rows));
	remove_disk();
}

static void a_disks_filesystem_is_judged_alike(void **state)
{
	static const struct row rows[] = {
		{ "open w+creat " DISK "/in/f", "ok" },
		{ "open w+creat " DISK "/no/f", NOT("create", DISK "/no/f", "create") },
		{ "rename " DISK "/in/f " DISK "/in/g", "ok" },
		{ "rename " DISK "/in/g " DISK "/no/g", NOT("rename", DISK "/no/g", "create") },
		{ "link " DISK "/in/g " DISK "/in/h", "ok" },
		{ "utimes " DISK "/in/g", "ok" },
		{ "utimes " DISK "/no/x", NOT("utimes", DISK "/no/x", "attr") },
		{ "setxattr " DISK "/in/g user.x", "ok" },
		{ "setxattr " DISK "/no/x user.x", NOT("xattr", DISK "/no/x", "attr") },
		{ "rmxattr " DISK "/in/g user.x", "ok" },
		{ "setflags " DISK "/in/g", "ok" },
		{ "getflags " DISK "/ro/x", "ok" },
		{ "setflags " DISK "/ro/x", NOT("flags", DISK "/ro/x", "attr") },
		{ "truncate " DISK "/in/g", "ok" },
		{ "mkdir " DISK "/in/d", "ok" },
		{ "rmdir " DISK "/in/d", "ok" },
		{ "unlink " DISK "/in/g", "ok" },
		{ "unlink " DISK "/no/x", NOT("unlink", DISK "/no/x", "delete") },
		{ "open rw+tmpfile " DISK "/in", "ok" },
	};

	(void)state;
	remove_disk();
	make_all(DISK "/in/", DISK "/no/x", DISK "/ro/x", NULL);
	check_rows(text("%s    - {allow: rw, paths: " DISK "/in}\n"
			"    - {allow: ro, paths: " DISK "/ro}\n",
			policy),
		   rows, ARRAY_SIZE(rows));
	remove_disk();
}

/* Renames of directories and mounts elsewhere move the kernel's counts all the time. */
static pid_t start_storm(void)
{
	pid_t pid = fork();

	if (!pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test fail */
		for (;;) {
			(void)rename(T "/storm/a", T "/storm/b");
			(void)rename(T "/storm/b", T "/storm/a");
		}
	}
	assert_true(pid > 0);
	return pid;
}

static void renames_elsewhere_refuse_nothing(void **state)
{
	static const struct row rows[] = {
		{ "times 5000 open r " T "/in/dir/dir/f", "ok" },
		{ "times 1000 utimes " T "/in/dir/dir/f", "ok" },
		{ "open r " T "/no/f", NOT_READ(T "/no/f") },
	};
	pid_t storm;

	(void)state;
	make_all(T "/in/dir/dir/f", T "/no/f", T "/storm/a/", NULL);
	storm = start_storm();
	check_rows(policy, rows, ARRAY_SIZE(rows));
	(void)kill(storm, SIGKILL);
	assert_int_equal(waitpid(storm, NULL, 0), storm);
}

/* What is denied stays so, and is counted, however often the tree changes meanwhile. */
static void renames_elsewhere_open_nothing(void **state)
{
	static const struct row rows[] = {
		{ "times 3000 denied open r " T "/no/dir/secret", "ok" },
	};
	const struct job job = { .policy = policy, .rows = rows, .n_rows = 1, .loose = true };
	struct outcome outcome = { 0 };
	const json_t *refused;
	pid_t storm;

	(void)state;
	make_all(T "/no/dir/secret", T "/storm/a/", NULL);
	storm = start_storm();
	run_job(&job, &outcome);
	(void)kill(storm, SIGKILL);
	assert_int_equal(waitpid(storm, NULL, 0), storm);
	refused = json_object_get(json_object_get(outcome.result, "metrics"), "violations");
	assert_int_equal(json_integer_value(refused), 3000);
	outcome_free(&outcome);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reading_that_implies_executing_needs_exec),
		TEST(a_programs_own_loader_needs_exec),
		TEST(events_show_long_paths_whole),
		TEST(events_say_when_a_path_did_not_fit),
		TEST(a_second_name_made_before_counts_as_it_says),
		TEST(a_handle_is_no_way_round_a_path),
		TEST(a_disks_filesystem_is_judged_alike),
		TEST(renames_elsewhere_refuse_nothing),
		TEST(renames_elsewhere_open_nothing),
	};

	return RUN_SUITE("edges", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Where a path begins and leads: links, mounts, overlays, other roots, /proc, descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define NOT_READ(path)                            \
	"EACCES",                                 \
	{                                         \
		{                                 \
			"open", path, "read", "*" \
		}                                 \
	}
#define NOT_WRITTEN(path)                          \
	"EACCES",                                  \
	{                                          \
		{                                  \
			"open", path, "write", "*" \
		}                                  \
	}
#define NOT(op, path, rights)                 \
	"EACCES",                             \
	{                                     \
		{                             \
			op, path, rights, "*" \
		}                             \
	}

static const char policy[] = POLICY_HEAD "    - {allow: rw, paths: " T "/in}\n"
					 "    - {allow: ro, paths: " T "/ro}\n";

static void make_tree(void)
{
	make_all(T "/in/f", T "/in/dir/f", T "/no/f", T "/no/dir/f", T "/ro/f", NULL);
}

static void the_target_of_a_symbolic_link_decides(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/to-no", NOT_READ(T "/no/f") },
		{ "open r " T "/no/to-in", "ok" },
		{ "open r " T "/in/dir-to-no/f", NOT_READ(T "/no/dir/f") },
		{ "open r " T "/no/dir-to-in/f", "ok" },
		{ "open w+creat " T "/in/dir-to-no/new", NOT("create", T "/no/dir/new", "create") },
		{ "open w+creat " T "/in/dangling", NOT("create", T "/no/new", "create") },
		{ "open r+nofollow " T "/no/to-in", "ELOOP" },
		{ "unlink " T "/in/to-no", "ok" },
		{ "unlink " T "/no/to-in", NOT("unlink", T "/no/to-in", "delete") },
		{ "symlink " T "/no/f " T "/in/made", "ok" },
		{ "open r " T "/in/made", NOT_READ(T "/no/f") },
		{ "truncate " T "/in/made", NOT("truncate", T "/no/f", "write") },
	};

	(void)state;
	make_tree();
	assert_int_equal(symlink(T "/no/f", T "/in/to-no"), 0);
	assert_int_equal(symlink(T "/in/f", T "/no/to-in"), 0);
	assert_int_equal(symlink(T "/no/dir", T "/in/dir-to-no"), 0);
	assert_int_equal(symlink(T "/in/dir", T "/no/dir-to-in"), 0);
	assert_int_equal(symlink(T "/no/new", T "/in/dangling"), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* A rule's own path may lead through links: both spellings are meant. */
static void a_rule_through_a_link_means_the_target_too(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/link/f", "ok" },
		{ "open r " T "/real/f", "ok" },
		{ "open r " T "/real/secret", NOT_READ(T "/real/secret") },
		{ "open r " T "/link/secret", NOT_READ(T "/real/secret") },
	};

	(void)state;
	make_all(T "/real/f", T "/real/secret", NULL);
	assert_int_equal(symlink("real", T "/link"), 0);
	check_rows(POLICY_HEAD "    - {allow: read, paths: " T "/link}\n"
			       "    - {deny: read, paths: " T "/link/secret}\n",
		   rows, ARRAY_SIZE(rows));
}

static void a_bind_mount_counts_where_it_is_mounted(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/bound/f", "ok" },
		{ "open r " T "/no/f", NOT_READ(T "/no/f") },
		{ "open r " T "/no/bound/f", NOT_READ(T "/no/bound/f") },
		{ "open r " T "/in/file", "ok" },
		{ "open w+creat " T "/in/bound/new", "ok" },
		{ "utimes " T "/in/bound/f", "ok" },
		{ "utimes " T "/no/bound/f", NOT("utimes", T "/no/bound/f", "attr") },
		{ "setxattr " T "/in/bound/f trusted.x", "ok" },
		{ "setxattr " T "/no/bound/f trusted.x", NOT("xattr", T "/no/bound/f", "attr") },
		{ "rename " T "/in/bound/f " T "/in/bound/g", "ok" },
		{ "rename " T "/in/bound/g " T "/in/g", "EXDEV" },
	};

	(void)state;
	make_tree();
	make_all(T "/in/bound/", T "/no/bound/", T "/in/file", NULL);
	assert_true(make_mount(T "/no", T "/in/bound", NULL, MS_BIND, NULL));
	assert_true(make_mount(T "/in", T "/no/bound", NULL, MS_BIND, NULL));
	assert_true(make_mount(T "/no/f", T "/in/file", NULL, MS_BIND, NULL));
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void paths_go_on_over_mounts(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/m/f", "ok" },
		{ "open w+creat " T "/in/m/new", "ok" },
		{ "mkdir " T "/in/m/d", "ok" },
		{ "list " T "/in/m", "ok" },
		{ "open r " T "/no/m/f", NOT_READ(T "/no/m/f") },
		{ "list " T "/no/m", NOT("open", T "/no/m", "list") },
		{ "open r " T "/no/m/in/f", "ok" },
		{ "open r " T "/no/m/in/m/f", "ok" },
		{ "utimes " T "/in/m/f", "ok" },
		{ "utimes " T "/no/m/f", NOT("utimes", T "/no/m/f", "attr") },
	};

	(void)state;
	make_all(T "/in/m/", T "/no/m/", NULL);
	assert_true(make_mount("t1", T "/in/m", "tmpfs", 0, NULL));
	assert_true(make_mount("t2", T "/no/m", "tmpfs", 0, NULL));
	make_all(T "/in/m/f", T "/no/m/f", T "/no/m/in/f", T "/no/m/in/m/", NULL);
	assert_true(make_mount("t3", T "/no/m/in/m", "tmpfs", 0, NULL));
	make_all(T "/no/m/in/m/f", NULL);
	check_rows(text("%s    - {allow: read, paths: " T "/no/m/in}\n", policy), rows,
		   ARRAY_SIZE(rows));
}

/* What a mount hides is still there for descriptors that reach it, under its own path. */
static void a_mount_that_covers_a_file_does_not_open_it(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/no/f", NOT_READ(T "/no/f") },
		{ "open r " T "/in/f", "ok" },
	};

	(void)state;
	make_tree();
	assert_true(make_mount("t1", T "/no", "tmpfs", 0, NULL));
	make_all(T "/no/f", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static bool make_overlay(void)
{
	make_all(T "/lower/f", T "/lower/g", T "/lower/h", T "/lower/secret", T "/lower/ro/f",
		 T "/lower/dir/f", T "/upper/", T "/work/", T "/over/", NULL);
	return make_mount("overlay", T "/over", "overlay", 0,
			  "lowerdir=" T "/lower,upperdir=" T "/upper,workdir=" T "/work");
}

static const char overlay_policy[] =
	POLICY_HEAD "    - {allow: rw, paths: " T "/over}\n"
		    "    - {deny: rw, paths: " T "/over/secret} # secret\n"
		    "    - {deny: [write, create, delete, attr], paths: " T "/over/ro} # ro\n";

static void overlayfs_is_judged_once_and_above(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/over/f", "ok" },
		{ "open r " T "/over/secret",
		  "EACCES",
		  { { "open", T "/over/secret", "read", "# secret" } } },
		{ "open r " T "/lower/f", NOT_READ(T "/lower/f") },
		{ "open w " T "/over/f", "ok" },
		{ "open w " T "/over/ro/f",
		  "EACCES",
		  { { "open", T "/over/ro/f", "write", "# ro" } } },
		{ "open r " T "/upper/f", NOT_READ(T "/upper/f") },
		{ "list " T "/over", "ok" },
		{ "open w+creat " T "/over/new", "ok" },
		{ "open w+creat " T "/over/dir/new", "ok" },
		{ "mkdir " T "/over/made", "ok" },
		{ "rename " T "/over/g " T "/over/g2", "ok" },
		{ "unlink " T "/over/h", "ok" },
		{ "unlink " T "/over/ro/f",
		  "EACCES",
		  { { "unlink", T "/over/ro/f", "delete", "# ro" } } },
		{ "truncate " T "/over/dir/f", "ok" },
		{ "read " T "/over/f", "ok" },
		{ "write " T "/over/f", "ok" },
	};

	(void)state;
	if (!make_overlay())
		skip_because("no overlayfs");
	check_rows(overlay_policy, rows, ARRAY_SIZE(rows));
}

static void attributes_can_be_set_on_overlayfs(void **state)
{
	static const struct row rows[] = {
		{ "utimes " T "/over/f", "ok" },
		{ "chmod " T "/over/g 600", "ok" },
		{ "chown " T "/over/h 1", "ok" },
		{ "setxattr " T "/over/dir/f trusted.x", "ok" },
		{ "rmxattr " T "/over/dir/f trusted.x", "ok" },
		{ "utimes " T "/over/dir/f", "ok" },
		{ "utimes " T "/over/ro/f",
		  "EACCES",
		  { { "utimes", T "/over/ro/f", "attr", "# ro" } } },
		{ "chmod " T "/over/ro/f 600",
		  "EACCES",
		  { { "chmod", T "/over/ro/f", "attr", "# ro" } } },
		{ "setxattr " T "/over/ro/f trusted.x",
		  "EACCES",
		  { { "xattr", T "/over/ro/f", "attr", "# ro" } } },
		{ "chown " T "/over/ro/f 1",
		  "EACCES",
		  { { "chown", T "/over/ro/f", "attr", "# ro" } } },
	};

	(void)state;
	if (!make_overlay())
		skip_because("no overlayfs");
	check_rows(overlay_policy, rows, ARRAY_SIZE(rows));
}

static void programs_run_and_map_from_overlayfs(void **state)
{
	static const struct row rows[] = {
		{ "exec " T "/over/prog", "ok" },
		{ "map " T "/over/prog rx", "ok" },
		{ "exec " T "/over/no/prog", NOT("exec", T "/over/no/prog", "exec") },
		{ "map " T "/over/no/prog rx", NOT("map-exec", T "/over/no/prog", "exec") },
		{ "protect " T "/over/no/prog rx", NOT("map-exec", T "/over/no/prog", "exec") },
	};

	(void)state;
	make_program(T "/lower/prog");
	make_program(T "/lower/no/prog");
	if (!make_overlay())
		skip_because("no overlayfs");
	check_rows(POLICY_HEAD "    - {allow: rx, paths: " T "/over}\n"
			       "    - {deny: exec, paths: " T "/over/no}\n",
		   rows, ARRAY_SIZE(rows));
}

static void a_chroot_does_not_shorten_paths(void **state)
{
	static const struct row rows[] = {
		{ "chrooted " T "/in open r /f", "ok" },
		{ "chrooted " T "/no open r /f", NOT_READ(T "/no/f") },
		{ "chrooted " T "/no open r /dir/f", NOT_READ(T "/no/dir/f") },
		{ "chrooted " T "/no open w+creat /new", NOT("create", T "/no/new", "create") },
		{ "chrooted " T "/in open w+creat /new", "ok" },
		{ "chrooted " T "/no utimes /f", NOT("utimes", T "/no/f", "attr") },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {chroot: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void a_mount_namespace_of_its_own_changes_nothing(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/f", "ok" },
		{ "open r " T "/no/f", NOT_READ(T "/no/f") },
		{ "utimes " T "/in/f", "ok" },
		{ "utimes " T "/ro/f", NOT("utimes", T "/ro/f", "attr") },
		{ "exec " T "/in/f", NOT("exec", T "/in/f", "exec") },
	};
	static const char *const wrapper[] = { "unshare", "-m", NULL };
	const struct job job = {
		.policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows), .wrapper = wrapper
	};
	struct outcome outcome = { 0 };

	(void)state;
	make_tree();
	assert_int_equal(chmod(T "/in/f", 0755), 0);
	run_job(&job, &outcome);
	outcome_free(&outcome);
}

/* A tree that is mounted nowhere has no path that a rule could name. */
static void a_detached_mount_is_denied(void **state)
{
	static const struct row rows[] = {
		{ "hold-tree 10 " T "/in", "ok" },
		{ "open r /proc/self/fd/10/f",
		  "EACCES",
		  { { "open", "*", "read", .reason = "detached" } } },
		{ "open r " T "/in/f", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {mount: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void own_processes_of_proc_are_self(void **state)
{
	static const char proc_policy[] = POLICY_HEAD "    - {allow: ro, paths: /proc/self}\n"
						      "    - {allow: read, paths: /proc/version}\n";
	static const struct row rows[] = {
		{ "open r /proc/self/status", "ok" },
		{ "list /proc/self/fd", "ok" },
		{ "open r /proc/thread-self/status", "ok" },
		{ "fork open r /proc/self/status", "ok" },
		{ "spawn", "ok" },
		{ "proc r child status", "ok" },
		{ "proc r self maps", "ok" },
		{ "kill child 9", "ok" },
		{ "open r /proc/1/status", NOT_READ("/proc/1/status") },
		{ "open r /proc/$VICTIM/status", NOT_READ("/proc/$VICTIM/status") },
		{ "open r /proc/version", "ok" },
		{ "open r /proc/cmdline", NOT_READ("/proc/cmdline") },
		{ "list /proc", NOT("open", "/proc", "list") },
	};

	(void)state;
	(void)make_victim();
	check_rows(proc_policy, rows, ARRAY_SIZE(rows));
}

/* A file of the job's under a root, a directory or a descriptor of /proc is still that file. */
static void magic_links_lead_to_the_file_itself(void **state)
{
	static const struct row rows[] = {
		{ "open r /proc/self/root" T "/in/f", "ok" },
		{ "open r /proc/self/root" T "/no/f", NOT_READ(T "/no/f") },
		{ "cd " T "/no", "ok" },
		{ "open r /proc/self/cwd/f", NOT_READ(T "/no/f") },
		{ "open r /proc/self/exe", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void standard_output_that_is_a_file_can_be_reopened(void **state)
{
	static const struct row rows[] = {
		{ "open w /dev/stdout", "ok" },
		{ "open w /dev/fd/1", "ok" },
		{ "open w " T "/no/out", "ok" },
		{ "open r " T "/no/out", NOT_READ(T "/no/out") },
		{ "truncate " T "/no/out2", NOT("truncate", T "/no/out2", "write") },
	};
	struct job job = { .policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows) };
	struct outcome outcome = { 0 };

	(void)state;
	make_all(T "/no/out", T "/no/out2", NULL);
	job.out_fd = open(T "/no/out", O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC);
	assert_true(job.out_fd > 0);
	run_job(&job, &outcome);
	outcome_free(&outcome);
	(void)close(job.out_fd);
	assert_string_equal(slurp(T "/no/out"), "ok\nok\nok\nEACCES\nEACCES\n");
}

static void standard_streams_that_are_pipes_can_be_reopened(void **state)
{
	static const struct row rows[] = {
		{ "open w /dev/stdout", "ok" },
		{ "open w /dev/stderr", "ok" },
		{ "open r+nonblock /dev/stdin", "ok" },
		{ "write-out", "ok" },
	};

	(void)state;
	check_rows(POLICY_HEAD, rows, ARRAY_SIZE(rows));
}

static void devices_need_device_besides_their_mode(void **state)
{
	static const struct row rows[] = {
		{ "open rw /dev/null", "ok" },
		{ "open r /dev/zero", NOT("open", "/dev/zero", "device") },
		{ "open r /dev/full", NOT("open", "/dev/full", "read+device") },
	};

	(void)state;
	check_rows(POLICY_HEAD "    - {allow: [read, write, device], paths: /dev/null}\n"
			       "    - {allow: read, paths: /dev/zero}\n",
		   rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_target_of_a_symbolic_link_decides),
		TEST(a_rule_through_a_link_means_the_target_too),
		TEST(a_bind_mount_counts_where_it_is_mounted),
		TEST(paths_go_on_over_mounts),
		TEST(a_mount_that_covers_a_file_does_not_open_it),
		TEST(overlayfs_is_judged_once_and_above),
		TEST(attributes_can_be_set_on_overlayfs),
		TEST(programs_run_and_map_from_overlayfs),
		TEST(a_chroot_does_not_shorten_paths),
		TEST(a_mount_namespace_of_its_own_changes_nothing),
		TEST(a_detached_mount_is_denied),
		TEST(own_processes_of_proc_are_self),
		TEST(magic_links_lead_to_the_file_itself),
		TEST(standard_output_that_is_a_file_can_be_reopened),
		TEST(standard_streams_that_are_pipes_can_be_reopened),
		TEST(devices_need_device_besides_their_mode),
	};

	return RUN_SUITE("mounts", tests);
}

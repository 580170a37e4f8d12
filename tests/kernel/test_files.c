// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every operation on files: what each needs, refused where a right is missing and done where it
 * is there.  The directories are named by what the policy allows in them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define DENIED(op, path, rights)              \
	"EACCES",                             \
	{                                     \
		{                             \
			op, path, rights, "*" \
		}                             \
	}

/* in: all that rw gives; the rest as named; `no` has no rule. */
static const char policy[] =
	POLICY_HEAD "    - {allow: rw, paths: [" T "/in, " T "/in2]}\n"
		    "    - {allow: ro, paths: " T "/ro}\n"
		    "    - {allow: read, paths: " T "/read}\n"
		    "    - {allow: write, paths: " T "/write}\n"
		    "    - {allow: list, paths: " T "/list}\n"
		    "    - {allow: create, paths: " T "/create}\n"
		    "    - {allow: delete, paths: " T "/delete}\n"
		    "    - {allow: [read, attr], paths: " T "/attr}\n"
		    "    - {allow: [rw, device], paths: " T "/device}\n"
		    "    - {allow: [read, list, write, create, attr], paths: " T "/keep}\n"
		    "    - {allow: [read, delete], paths: " T "/src}\n"
		    "    - {allow: [read, write], paths: " T "/plain}\n"
		    "    - {allow: rw, paths: " T "/mix}\n"
		    "    - {deny: write, paths: " T "/mix/sub/secret} # below mix\n";

static void make_tree(void)
{
	static const char *const dirs[] = { "in",   "in2",    "ro",	"read", "write",
					    "list", "create", "delete", "attr", "keep",
					    "src",  "plain",  "mix",	"no",	"device" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		make_all(text(T "/%s/f", dirs[i]), text(T "/%s/g", dirs[i]),
			 text(T "/%s/dir/", dirs[i]), NULL);
	}
	make_all(T "/mix/sub/secret", T "/mix/sub/other", NULL);
}

static void run_rows(const struct row *rows, size_t n)
{
	make_tree();
	check_rows(policy, rows, n);
}

static void open_needs_read_and_write_as_the_mode_says(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/read/f", "ok" },
		{ "open r " T "/write/f", DENIED("open", T "/write/f", "read") },
		{ "open w " T "/write/f", "ok" },
		{ "open w " T "/read/f", DENIED("open", T "/read/f", "write") },
		{ "open rw " T "/plain/f", "ok" },
		{ "open rw " T "/read/f", DENIED("open", T "/read/f", "write") },
		{ "open rw " T "/write/f", DENIED("open", T "/write/f", "read") },
		{ "open rw " T "/no/f", DENIED("open", T "/no/f", "read+write") },
		{ "open w+append " T "/write/f", "ok" },
		{ "open w+append " T "/read/f", DENIED("open", T "/read/f", "write") },
		{ "open none " T "/plain/f", "ok" },
		{ "open none " T "/read/f", DENIED("open", T "/read/f", "write") },
		{ "open r+noatime " T "/read/f", "ok" },
		{ "open r+nonblock " T "/no/f", DENIED("open", T "/no/f", "read") },
		{ "openat2 r " T "/read/f", "ok" },
		{ "openat2 rw " T "/no/f", DENIED("open", T "/no/f", "read+write") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

/* Where the guard lets it: by the path all the same. */
static void open_by_handle_is_no_way_round(void **state)
{
	static const struct row rows[] = {
		{ "handle-open r " T "/read/f " T "/list", "ok" },
		{ "handle-open r " T "/no/f " T "/list", DENIED("open", T "/no/f", "read") },
		{ "handle-open rw " T "/read/f " T "/list", DENIED("open", T "/read/f", "write") },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {capability: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void open_by_io_uring_is_no_way_round(void **state)
{
	static const struct row rows[] = {
		{ "uring-open r " T "/read/f", "ok" },
		{ "uring-open r " T "/no/f", DENIED("open", T "/no/f", "read") },
		{ "uring-worker r " T "/read/f", "ok" },
		{ "uring-worker r " T "/no/f", DENIED("open", T "/no/f", "read") },
		{ "uring-worker w+creat " T "/in/made", "ok" },
		{ "uring-worker w+creat " T "/ro/made", DENIED("create", T "/ro/made", "create") },
	};
	static const struct row probe[] = { { "uring-open r " T "/read/f", "ok" } };

	(void)state;
	make_tree();
	check_outside(probe, 1);
	check_rows(text("%sguards: {io_uring: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void truncating_needs_write_however_it_is_opened(void **state)
{
	static const struct row rows[] = {
		{ "open w+trunc " T "/write/f", "ok" },
		{ "open w+trunc " T "/read/f", DENIED("open", T "/read/f", "write") },
		{ "open r+trunc " T "/plain/f", "ok" },
		{ "open r+trunc " T "/read/f", DENIED("truncate", T "/read/f", "write") },
		{ "truncate " T "/write/f", "ok" },
		{ "truncate " T "/read/f", DENIED("truncate", T "/read/f", "write") },
		{ "hold 10 rw " T "/plain/f", "ok" },
		{ "fd-truncate 10", "ok" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
	assert_string_equal(slurp(T "/read/f"), "x\n");
}

static void creating_by_open_needs_create_then_what_the_mode_says(void **state)
{
	static const struct row rows[] = {
		{ "open w+creat " T "/in/new", "ok" },
		{ "open w+creat " T "/write/new", DENIED("create", T "/write/new", "create") },
		{ "open w+creat " T "/no/new", DENIED("create", T "/no/new", "create") },
		{ "open w+creat " T "/create/new", DENIED("open", T "/create/new", "write") },
		{ "open w+creat " T "/write/f", "ok" },
		{ "open w+creat+excl " T "/no/f", "EEXIST" },
		{ "open w+creat+excl " T "/in/new2", "ok" },
		{ "open w+creat+excl " T "/no/new2", DENIED("create", T "/no/new2", "create") },
		{ "creat " T "/in/new3", "ok" },
		{ "creat " T "/ro/new3", DENIED("create", T "/ro/new3", "create") },
		{ "openat2 rw+creat " T "/in/new4", "ok" },
		{ "openat2 rw+creat " T "/ro/new4", DENIED("create", T "/ro/new4", "create") },
		{ "open rw+tmpfile " T "/in", "ok" },
		{ "open rw+tmpfile " T "/ro", DENIED("open", "*", "write") },
		{ "open w+creat " T "/no/none/new", "ENOENT" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
	assert_false(exists(T "/write/new"));
	assert_false(exists(T "/ro/new3"));
}

static void directories_are_opened_with_list_alone(void **state)
{
	static const struct row rows[] = {
		{ "list " T "/list", "ok" },
		{ "list " T "/list/dir", "ok" },
		{ "list " T "/read", DENIED("open", T "/read", "list") },
		{ "list " T "/no", DENIED("open", T "/no", "list") },
		{ "open r+dir " T "/list", "ok" },
		{ "open r+dir " T "/no", DENIED("open", T "/no", "list") },
		{ "open r " T "/list/f", DENIED("open", T "/list/f", "read") },
		{ "cd " T "/no", "ok" },
		{ "open r f", DENIED("open", T "/no/f", "read") },
		{ "list .", DENIED("open", T "/no", "list") },
		{ "cd " T "/ro", "ok" },
		{ "open r f", "ok" },
		{ "open r ../no/f", DENIED("open", T "/no/f", "read") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void looking_a_name_up_is_free(void **state)
{
	static const struct row rows[] = {
		{ "stat " T "/no/f", "ok" },	      { "access " T "/no/f", "ok" },
		{ "readlink " T "/no/link", "ok" },   { "open r+path " T "/no/f", "ok" },
		{ "open r+path+dir " T "/no", "ok" }, { "stat " T "/no/none", "ENOENT" },
		{ "open r " T "/no/none", "ENOENT" },
	};

	(void)state;
	make_tree();
	assert_int_equal(symlink("nowhere", T "/no/link"), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void an_o_path_descriptor_gives_nothing_by_itself(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 r+path " T "/no/f", "ok" },
		{ "open r /proc/self/fd/10", DENIED("open", T "/no/f", "read") },
		{ "fd-link 10 " T "/in/linked", DENIED("link", T "/no/f", "read+write") },
		{ "hold 11 r+path " T "/read/f", "ok" },
		{ "open r /proc/self/fd/11", "ok" },
		{ "open w /proc/self/fd/11", DENIED("open", T "/read/f", "write") },
		{ "hold 12 r+path+dir " T "/no", "ok" },
		{ "list /proc/self/fd/12", DENIED("open", T "/no", "list") },
		{ "chmod /proc/self/fd/10 600", DENIED("chmod", T "/no/f", "attr") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void making_names_needs_create(void **state)
{
	static const struct row rows[] = {
		{ "mkdir " T "/create/d", "ok" },
		{ "mkdir " T "/ro/d", DENIED("mkdir", T "/ro/d", "create") },
		{ "symlink f " T "/create/s", "ok" },
		{ "symlink f " T "/ro/s", DENIED("symlink", T "/ro/s", "create") },
		{ "mkfifo " T "/create/p", "ok" },
		{ "mkfifo " T "/ro/p", DENIED("create", T "/ro/p", "create") },
		{ "mksock " T "/create/k", "ok" },
		{ "mksock " T "/ro/k", DENIED("create", T "/ro/k", "create") },
		{ "mkreg " T "/create/r", "ok" },
		{ "mkreg " T "/ro/r", DENIED("create", T "/ro/r", "create") },
		{ "mkdir " T "/no/dir", "EEXIST" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void making_a_device_needs_device_too(void **state)
{
	static const struct row rows[] = {
		{ "mkchr " T "/device/null 1 3", "ok" },
		{ "open rw " T "/device/null", "ok" },
		{ "mkchr " T "/in/null 1 3", DENIED("mknod", T "/in/null", "device") },
		{ "mkchr " T "/ro/null 1 3", DENIED("mknod", T "/ro/null", "create+device") },
		{ "mkblk " T "/device/sda 8 0",
		  "EPERM",
		  { { "mknod", "*", NULL, .guard = "raw_device" } } },
		{ "open r " T "/in/zero", DENIED("open", T "/in/zero", "device") },
	};

	(void)state;
	make_tree();
	assert_int_equal(mknod(T "/in/zero", S_IFCHR | 0666, 0x105), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void a_block_device_may_be_made_where_the_guard_allows(void **state)
{
	static const struct row rows[] = {
		{ "mkblk " T "/device/sda 8 0", "ok" },
		{ "mkblk " T "/in/sda 8 0", DENIED("mknod", T "/in/sda", "device") },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {raw_device: allow}\n", policy), rows, ARRAY_SIZE(rows));
}

static void removing_needs_delete(void **state)
{
	static const struct row rows[] = {
		{ "unlink " T "/delete/f", "ok" },
		{ "unlink " T "/ro/f", DENIED("unlink", T "/ro/f", "delete") },
		{ "rmdir " T "/delete/dir", "ok" },
		{ "rmdir " T "/keep/dir", DENIED("rmdir", T "/keep/dir", "delete") },
		{ "unlink " T "/no/none", "ENOENT" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
	assert_true(exists(T "/ro/f"));
	assert_false(exists(T "/delete/f"));
}

static void renaming_asks_both_names(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/in/f " T "/in/f2", "ok" },
		{ "rename " T "/in/f2 " T "/in2/f2", "ok" },
		{ "rename " T "/ro/f " T "/in/f3", DENIED("rename", T "/ro/f", "delete") },
		{ "rename " T "/in/g " T "/ro/g3", DENIED("rename", T "/ro/g3", "create") },
		{ "rename " T "/in/g " T "/keep/g2", "ok" },
		{ "rename " T "/in2/g " T "/keep/f", DENIED("rename", T "/keep/f", "delete") },
		{ "rename " T "/in2/g " T "/in2/f2", "ok" },
		{ "rename-new " T "/in2/f " T "/in2/f2", "EEXIST" },
		{ "rename-new " T "/in2/f " T "/no/f2", DENIED("rename", T "/no/f2", "create") },
		{ "rename " T "/in/dir " T "/in/dir2", "ok" },
		{ "rename " T "/in/dir2 " T "/in2/dir2", "ok" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void exchanging_asks_both_names_for_both_rights(void **state)
{
	static const struct row rows[] = {
		{ "exchange " T "/in/f " T "/in2/f", "ok" },
		{ "exchange " T "/in/f " T "/ro/f", DENIED("rename", T "/ro/f", "create+delete") },
		{ "exchange " T "/ro/f " T "/in/f", DENIED("rename", T "/ro/f", "create+delete") },
		{ "exchange " T "/keep/f " T "/in/f", DENIED("rename", T "/keep/f", "delete") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void no_rename_or_link_gives_an_object_a_right(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/src/f " T "/in/gained",
		  "EXDEV",
		  { { "rename", T "/in/gained", "list+write+attr", "*", "gain" } } },
		{ "rename " T "/in/f " T "/in2/same", "ok" },
		{ "link " T "/plain/f " T "/in/gained",
		  "EXDEV",
		  { { "link", T "/in/gained", "list+attr", "*", "gain" } } },
		{ "exchange " T "/in/g " T "/more/g",
		  "EXDEV",
		  { { "rename", T "/more/g", "exec", "*", "gain" } } },
		{ "exchange " T "/more/g " T "/in/g",
		  "EXDEV",
		  { { "rename", T "/in/g", "exec", "*", "gain" } } },
		{ "exchange " T "/more/g " T "/more/f", "ok" },
	};

	(void)state;
	make_tree();
	make_all(T "/more/g", T "/more/f", NULL);
	check_rows(text("%s    - {allow: [rw, exec], paths: " T "/more}\n", policy), rows,
		   ARRAY_SIZE(rows));
	assert_true(exists(T "/src/f"));
}

static void a_directory_moves_only_where_rights_below_are_uniform(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/mix/sub " T "/mix/other",
		  "EXDEV",
		  { { "rename", T "/mix/other", NULL, "*", "dir-move" } } },
		{ "rename " T "/mix/sub/other " T "/mix/other", "ok" },
		{ "rename " T "/mix/dir " T "/mix/dir2", "ok" },
		{ "rename " T "/mix/dir2 " T "/mix/sub/dir", "ok" },
		{ "exchange " T "/mix/sub " T "/mix/other",
		  "EXDEV",
		  { { "rename", T "/mix/other", NULL, "*", "dir-move" } } },
		{ "exchange " T "/mix/other " T "/mix/sub",
		  "EXDEV",
		  { { "rename", T "/mix/sub", NULL, "*", "dir-move" } } },
		{ "write " T "/mix/sub/secret",
		  "EACCES",
		  { { "open", T "/mix/sub/secret", "write", "# below mix" } } },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void linking_needs_read_and_write_on_the_source(void **state)
{
	static const struct row rows[] = {
		{ "link " T "/in/f " T "/in/l", "ok" },
		{ "link " T "/in/f " T "/in2/l", "ok" },
		{ "link " T "/ro/f " T "/in/l2", DENIED("link", T "/ro/f", "write") },
		{ "link " T "/write/f " T "/in/l2", DENIED("link", T "/write/f", "read") },
		{ "link " T "/no/f " T "/in/l2", DENIED("link", T "/no/f", "read+write") },
		{ "link " T "/in/f " T "/ro/l2", DENIED("link", T "/ro/l2", "create") },
		{ "link-follow " T "/in/to-no " T "/in/l3",
		  DENIED("link", T "/no/f", "read+write") },
		{ "link " T "/in/f " T "/in/g", "EEXIST" },
	};

	(void)state;
	make_tree();
	assert_int_equal(symlink("../no/f", T "/in/to-no"), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void attributes_need_attr_by_path(void **state)
{
	static const struct row rows[] = {
		{ "chmod " T "/attr/f 600", "ok" },
		{ "chmod " T "/ro/f 600", DENIED("chmod", T "/ro/f", "attr") },
		{ "chown " T "/attr/f 1", "ok" },
		{ "chown " T "/ro/f 1", DENIED("chown", T "/ro/f", "attr") },
		{ "utimes " T "/attr/f", "ok" },
		{ "utimes " T "/ro/f", DENIED("utimes", T "/ro/f", "attr") },
		{ "touch " T "/attr/f", "ok" },
		{ "touch " T "/ro/f", DENIED("utimes", T "/ro/f", "attr") },
		{ "setxattr " T "/attr/f trusted.x", "ok" },
		{ "setxattr " T "/ro/f trusted.x", DENIED("xattr", T "/ro/f", "attr") },
		{ "rmxattr " T "/attr/f trusted.x", "ok" },
		{ "rmxattr " T "/ro/f trusted.x", DENIED("xattr", T "/ro/f", "attr") },
		{ "setacl " T "/attr/f", "ok" },
		{ "setacl " T "/ro/f", DENIED("xattr", T "/ro/f", "attr") },
		{ "rmxattr " T "/attr/f system.posix_acl_access", "ok" },
		{ "rmxattr " T "/ro/f system.posix_acl_access",
		  DENIED("xattr", T "/ro/f", "attr") },
		{ "chmod " T "/attr/dir 700", "ok" },
		{ "chmod " T "/ro/dir 700", DENIED("chmod", T "/ro/dir", "attr") },
		{ "utimes " T "/ro/dir", DENIED("utimes", T "/ro/dir", "attr") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void attributes_need_attr_by_descriptor(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 r " T "/attr/f", "ok" },
		{ "hold 11 r " T "/ro/f", "ok" },
		{ "fd-chmod 10", "ok" },
		{ "fd-chmod 11", DENIED("chmod", T "/ro/f", "attr") },
		{ "fd-chown 10", "ok" },
		{ "fd-chown 11", DENIED("chown", T "/ro/f", "attr") },
		{ "fd-utimes 10", "ok" },
		{ "fd-utimes 11", DENIED("utimes", T "/ro/f", "attr") },
		{ "fd-setxattr 10 trusted.x", "ok" },
		{ "fd-setxattr 11 trusted.x", DENIED("xattr", T "/ro/f", "attr") },
		{ "fd-rmxattr 10 trusted.x", "ok" },
		{ "fd-rmxattr 11 trusted.x", DENIED("xattr", T "/ro/f", "attr") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void file_flags_need_attr(void **state)
{
	static const struct row rows[] = {
		{ "getflags " T "/ro/f", "ok" },
		{ "setflags " T "/attr/f", "ok" },
		{ "setflags " T "/ro/f", DENIED("flags", T "/ro/f", "attr") },
	};
	static const struct row probe[] = { { "setflags " T "/ro/f", "ok" } };

	(void)state;
	make_tree();
	check_outside(probe, 1);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void writing_needs_no_attr_though_the_kernel_sets_some(void **state)
{
	static const struct row rows[] = {
		{ "write " T "/write/suid", "ok" },
		{ "write " T "/write/f", "ok" },
		{ "truncate " T "/write/suid", "ok" },
		{ "utimes " T "/write/f", DENIED("utimes", T "/write/f", "attr") },
	};

	(void)state;
	make_tree();
	make(T "/write/suid", "x\n");
	assert_int_equal(chmod(T "/write/suid", 06777), 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* The descriptor was opened for writing before the job was: writing goes on, resizing does not. */
static void an_inherited_descriptor_reads_and_writes_but_is_judged_again(void **state)
{
	static const struct row rows[] = {
		{ "read-in", "ok" },
		{ "fd-write 0", "ok" },
		{ "fd-truncate 0", "EACCES", { { "truncate", T "/no/f", "write", "# mine" } } },
		{ "fd-chmod 0", DENIED("chmod", T "/no/f", "attr") },
		{ "open r /dev/stdin", "EACCES", { { "open", T "/no/f", "read", "# mine" } } },
		{ "open r " T "/no/f", "EACCES", { { "open", T "/no/f", "read", "# mine" } } },
	};
	struct job job = {
		.policy = POLICY_HEAD "    - {deny: [read, write], paths: " T "/no/f} # mine\n",
		.rows = rows,
		.n_rows = ARRAY_SIZE(rows),
	};
	struct outcome outcome = { 0 };

	(void)state;
	make_tree();
	job.in_fd = open(T "/no/f", O_RDWR | O_CLOEXEC);
	assert_true(job.in_fd > 0);
	run_job(&job, &outcome);
	outcome_free(&outcome);
	(void)close(job.in_fd);
}

static void deleted_files_keep_their_last_name(void **state)
{
	static const struct row rows[] = {
		{ "hold 10 rw " T "/in/f", "ok" },
		{ "unlink " T "/in/f", "ok" },
		{ "fd-write 10", "ok" },
		{ "fd-truncate 10", "ok" },
		{ "open r /proc/self/fd/10", "ok" },
		{ "hold 11 r+path " T "/no/f", "ok" },
		{ "open r /proc/self/fd/11", DENIED("open", "*", "read") },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void mode_audit_refuses_nothing_and_logs_everything(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/ro/f", "ok" },
		{ "open w " T "/ro/f",
		  "ok",
		  { { "open", T "/ro/f", "write", .verdict = "would-deny" } } },
		{ "mkdir " T "/no/made",
		  "ok",
		  { { "mkdir", T "/no/made", "create", .verdict = "would-deny" } } },
		{ "rename " T "/no/f " T "/no/f2",
		  "ok",
		  { { "rename", T "/no/f", "delete", .verdict = "would-deny" },
		    { "rename", T "/no/f2", "create", .verdict = "would-deny" } } },
	};
	static const char *const options[] = { "--mode", "audit", NULL };
	const struct job job = { .policy = POLICY_HEAD "    - {allow: ro, paths: " T "/ro}\n",
				 .rows = rows,
				 .n_rows = ARRAY_SIZE(rows),
				 .options = options };
	struct outcome outcome = { 0 };

	(void)state;
	make_tree();
	run_job(&job, &outcome);
	outcome_free(&outcome);
	assert_true(exists(T "/no/made"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(open_needs_read_and_write_as_the_mode_says),
		TEST(open_by_handle_is_no_way_round),
		TEST(open_by_io_uring_is_no_way_round),
		TEST(truncating_needs_write_however_it_is_opened),
		TEST(creating_by_open_needs_create_then_what_the_mode_says),
		TEST(directories_are_opened_with_list_alone),
		TEST(looking_a_name_up_is_free),
		TEST(an_o_path_descriptor_gives_nothing_by_itself),
		TEST(making_names_needs_create),
		TEST(making_a_device_needs_device_too),
		TEST(a_block_device_may_be_made_where_the_guard_allows),
		TEST(removing_needs_delete),
		TEST(renaming_asks_both_names),
		TEST(exchanging_asks_both_names_for_both_rights),
		TEST(no_rename_or_link_gives_an_object_a_right),
		TEST(a_directory_moves_only_where_rights_below_are_uniform),
		TEST(linking_needs_read_and_write_on_the_source),
		TEST(attributes_need_attr_by_path),
		TEST(attributes_need_attr_by_descriptor),
		TEST(file_flags_need_attr),
		TEST(writing_needs_no_attr_though_the_kernel_sets_some),
		TEST(an_inherited_descriptor_reads_and_writes_but_is_judged_again),
		TEST(deleted_files_keep_their_last_name),
		TEST(mode_audit_refuses_nothing_and_logs_everything),
	};

	return RUN_SUITE("files", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The less common doors to files: io_uring, newer calls, sent descriptors, watches. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/harness.h"

#define DENIED(op, path, rights)              \
	"EACCES",                             \
	{                                     \
		{                             \
			op, path, rights, "*" \
		}                             \
	}

static const char policy[] = POLICY_HEAD "    - {allow: rw, paths: " T "/in}\n"
					 "    - {allow: ro, paths: " T "/ro}\n"
					 "    - {allow: read, paths: " T "/read}\n";

static void make_tree(void)
{
	make_all(T "/in/f", T "/in/g", T "/in/h", T "/in/dir/f", T "/ro/f", T "/ro/dir/f",
		 T "/no/f", T "/no/dir/f", T "/read/f", NULL);
}

static void io_uring_changes_names_by_the_same_rights(void **state)
{
	static const struct row rows[] = {
		{ "uring-openat2 r " T "/ro/f", "ok" },
		{ "uring-openat2 r " T "/no/f", DENIED("open", T "/no/f", "read") },
		{ "uring-mkdir " T "/in/made", "ok" },
		{ "uring-mkdir " T "/ro/made", DENIED("mkdir", T "/ro/made", "create") },
		{ "uring-unlink " T "/in/h", "ok" },
		{ "uring-unlink " T "/ro/f", DENIED("unlink", T "/ro/f", "delete") },
		{ "uring-rename " T "/in/g " T "/in/g2", "ok" },
		{ "uring-rename " T "/ro/f " T "/in/g3", DENIED("rename", T "/ro/f", "delete") },
		{ "uring-link " T "/in/g2 " T "/in/g3", "ok" },
		{ "uring-link " T "/no/f " T "/in/g4", DENIED("link", T "/no/f", "read+write") },
		{ "uring-symlink f " T "/in/s", "ok" },
		{ "uring-symlink f " T "/ro/s", DENIED("symlink", T "/ro/s", "create") },
		{ "uring-setxattr " T "/in/f trusted.x", "ok" },
		{ "uring-setxattr " T "/ro/f trusted.x", DENIED("xattr", T "/ro/f", "attr") },
	};
	static const struct row probe[] = { { "uring-openat2 r " T "/ro/f", "ok" } };

	(void)state;
	make_tree();
	check_outside(probe, 1);
	check_rows(text("%sguards: {io_uring: allow, capability: allow}\n", policy), rows,
		   ARRAY_SIZE(rows));
}

/* Rows of a call that the kernel may lack: then there is no such door. */
static void check_call(long number, const struct row *rows, size_t n)
{
	bool missing = syscall(number, -1, NULL, -1, NULL, NULL, 0) < 0 && errno == ENOSYS;
	struct row closed[4];

	make_tree();
	assert_true(n <= ARRAY_SIZE(closed));
	for (size_t i = 0; i < n && missing; i++)
		closed[i] = (struct row){ rows[i].act, "ENOSYS" };
	check_rows(policy, missing ? closed : rows, n);
}

static void attributes_by_the_newer_xattr_calls_need_attr(void **state)
{
	static const struct row rows[] = {
		{ "setxattrat " T "/in/f trusted.x", "ok" },
		{ "setxattrat " T "/ro/f trusted.x", DENIED("xattr", T "/ro/f", "attr") },
		{ "removexattrat " T "/in/f trusted.x", "ok" },
		{ "removexattrat " T "/ro/f trusted.x", DENIED("xattr", T "/ro/f", "attr") },
	};

	(void)state;
	check_call(463, rows, ARRAY_SIZE(rows));
}

static void file_flags_by_path_need_attr(void **state)
{
	static const struct row rows[] = {
		{ "file-setattr " T "/in/f", "ok" },
		{ "file-setattr " T "/ro/f", DENIED("flags", T "/ro/f", "attr") },
	};

	(void)state;
	check_call(469, rows, ARRAY_SIZE(rows));
}

static void the_mode_by_the_newer_call_needs_attr(void **state)
{
	static const struct row rows[] = {
		{ "fchmodat2 " T "/in/f", "ok" },
		{ "fchmodat2 " T "/ro/f", DENIED("chmod", T "/ro/f", "attr") },
	};

	(void)state;
	check_call(452, rows, ARRAY_SIZE(rows));
}

static void a_file_without_a_name_gets_one_by_create_alone(void **state)
{
	static const struct row rows[] = {
		{ "tmpfile-link " T "/in " T "/in/named", "ok" },
		{ "tmpfile-link " T "/in " T "/ro/named", DENIED("link", T "/ro/named", "create") },
		{ "open r " T "/in/named", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* What the kernel itself refuses a descriptor that was opened for reading; no event is due. */
static void reading_gives_no_way_to_write(void **state)
{
	static const struct row rows[] = {
		{ "write-by-reading " T "/ro/f " T "/in/f", "ok" },
		{ "open w " T "/in/f", "ok" },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
	assert_string_equal(slurp(T "/ro/f"), "x\n");
}

static void watching_needs_what_looking_needs(void **state)
{
	static const struct row rows[] = {
		{ "watch " T "/ro", "ok" },
		{ "watch " T "/ro/f", "ok" },
		{ "watch " T "/no", DENIED("watch", T "/no", "list") },
		{ "watch " T "/no/f", DENIED("watch", T "/no/f", "read") },
		{ "watch " T "/read", DENIED("watch", T "/read", "list") },
		{ "fan-watch " T "/ro", "ok" },
		{ "fan-watch " T "/no", DENIED("watch", T "/no", "list") },
		{ "hold 10 r " T "/ro", "ok" },
		{ "fd-notify 10", "ok" },
		{ "fan-mount " T "/ro",
		  "EPERM",
		  { { "watch", "*", NULL, .guard = "kernel_control" } } },
		{ "fan-filesystem " T "/ro",
		  "EPERM",
		  { { "watch", "*", NULL, .guard = "kernel_control" } } },
	};
	static const struct row allowed[] = {
		{ "fan-mount " T "/ro", "ok" },
		{ "fan-mount " T "/no", DENIED("watch", T "/no", "list") },
	};

	(void)state;
	make_tree();
	check_rows(text("%sguards: {capability: allow}\n", policy), rows, ARRAY_SIZE(rows));
	check_rows(text("%sguards: {kernel_control: allow, capability: allow}\n", policy), allowed,
		   ARRAY_SIZE(allowed));
}

static void a_lease_takes_what_a_change_takes(void **state)
{
	static const struct row rows[] = {
		{ "lease " T "/in/f", "ok" },
		{ "lease " T "/ro/f", DENIED("lease", T "/ro/f", "write") },
	};
	static const struct row probe[] = { { "lease " T "/ro/f", "ok" } };

	(void)state;
	make_tree();
	check_outside(probe, 1);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* One byte with the descriptor, which is then closed here. */
static void send_fd(int sock, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 'x';
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	assert_true(fd >= 0);
	control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					 .cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	assert_int_equal(sendmsg(sock, &message, 0), 1);
	(void)close(fd);
}

#define NOT_RECEIVED(path, rights)                                      \
	"ENODATA",                                                      \
	{                                                               \
		{                                                       \
			"receive", path, rights, "*", .error = "EACCES" \
		}                                                       \
	}

/* A helper outside hands files over: what they give is judged as if the job opened them. */
static void a_sent_descriptor_is_judged_like_an_open(void **state)
{
	static const struct row rows[] = {
		{ "receive 10", "ok" },
		{ "fd-read 10", "ok" },
		{ "receive 11", NOT_RECEIVED(T "/no/f", "read") },
		{ "receive 11", NOT_RECEIVED(T "/ro/f", "write") },
		{ "receive 11", NOT_RECEIVED(T "/no", "list") },
		{ "receive 12", "ok" }, /* a memfd has no path */
		{ "fd-write 12", "ok" },
		{ "receive 13", "ok" }, /* O_PATH gives nothing */
		{ "open r /proc/self/fd/13", DENIED("open", T "/no/f", "read") },
		{ "receive 14", "ok" },
		{ "list .", DENIED("open", "*", "list") },
	};
	struct job job = { .policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows) };
	struct outcome outcome = { 0 };
	int fds[2];

	(void)state;
	make_tree();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	send_fd(fds[1], open(T "/in/f", O_RDWR | O_CLOEXEC));
	send_fd(fds[1], open(T "/no/f", O_RDONLY | O_CLOEXEC));
	send_fd(fds[1], open(T "/ro/f", O_RDWR | O_CLOEXEC));
	send_fd(fds[1], open(T "/no", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	send_fd(fds[1], memfd_create("sent", MFD_CLOEXEC));
	send_fd(fds[1], open(T "/no/f", O_PATH | O_CLOEXEC));
	send_fd(fds[1], open(T "/ro", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	job.in_fd = fds[0];
	run_job(&job, &outcome);
	outcome_free(&outcome);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void the_files_behind_other_names_are_the_same(void **state)
{
	static const struct row rows[] = {
		{ "cd " T "/no/dir", "ok" },
		{ "open r /proc/self/cwd/f", DENIED("open", T "/no/dir/f", "read") },
		{ "open r /proc/self/cwd/../../in/f", "ok" },
		{ "open w+creat /proc/self/root" T "/no/new",
		  DENIED("create", T "/no/new", "create") },
		{ "unix-bind stream " T "/in/sock", "ok" },
		{ "unix-bind stream " T "/ro/sock", DENIED("create", T "/ro/sock", "create") },
		{ "unix-bind dgram " T "/ro/sock", DENIED("create", T "/ro/sock", "create") },
	};

	(void)state;
	make_tree();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(io_uring_changes_names_by_the_same_rights),
		TEST(attributes_by_the_newer_xattr_calls_need_attr),
		TEST(file_flags_by_path_need_attr),
		TEST(the_mode_by_the_newer_call_needs_attr),
		TEST(a_file_without_a_name_gets_one_by_create_alone),
		TEST(reading_gives_no_way_to_write),
		TEST(watching_needs_what_looking_needs),
		TEST(a_lease_takes_what_a_change_takes),
		TEST(a_sent_descriptor_is_judged_like_an_open),
		TEST(the_files_behind_other_names_are_the_same),
	};

	return RUN_SUITE("doors", tests);
}

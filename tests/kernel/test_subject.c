// SPDX-License-Identifier: GPL-2.0-only
/* Who is jailed: whoever is in the job's cgroup or came out of it, and nobody else. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/harness.h"

#define NO T "/no/f"
#define NOT_READ                           \
	"EACCES",                          \
	{                                  \
		{                          \
			"open", NO, "read" \
		}                          \
	}
/* The same of an act whose own result is another word. */
#define READ_REFUSED                                          \
	{                                                     \
		{                                             \
			"open", NO, "read", .error = "EACCES" \
		}                                             \
	}
#define OUTSIDE "/sys/fs/cgroup/sbx-test-outside"

static const char policy[] = POLICY_HEAD "    - {allow: ro, paths: " T "/in}\n"
					 "    - {allow: rx, paths: " T "/bin}\n";

static void make_tree(void)
{
	make_all(T "/in/f", NO, NULL);
	make_program(T "/bin/prog");
	make_program(T "/no/prog");
}

static void run_rows(const struct row *rows, size_t n)
{
	make_tree();
	check_rows(policy, rows, n);
}

static void move(const char *cgroup, pid_t pid)
{
	spit(text("%s/cgroup.procs", cgroup), text("%d", pid));
}

static void children_of_all_kinds_are_jailed(void **state)
{
	static const struct row rows[] = {
		{ "open r " NO, NOT_READ },
		{ "fork open r " NO, NOT_READ },
		{ "fork fork open r " NO, NOT_READ },
		{ "double-fork open r " NO, NOT_READ },
		{ "double-fork double-fork open r " NO, NOT_READ },
		{ "thread open r " NO, NOT_READ },
		{ "fork thread open r " NO, NOT_READ },
		{ "thread fork open r " NO, NOT_READ },
		{ "exec " T "/bin/prog -x open r " NO, "exit-13", READ_REFUSED },
		{ "fork open r " T "/in/f", "ok" },
		{ "double-fork open r " T "/in/f", "ok" },
		{ "thread open r " T "/in/f", "ok" },
		{ "exec " T "/bin/prog -x open r " T "/in/f", "ok" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void act_outside(void)
{
	static const struct row rows[] = {
		{ "open r " NO, "ok" },
		{ "fork open r " NO, "ok" },
		{ "mkdir " T "/new", "ok" },
		{ "rmdir " T "/new", "ok" },
		{ "exec " T "/no/prog", "ok" },
		{ "utimes " NO, "ok" },
		{ "rename " NO " " NO "2", "ok" },
		{ "rename " NO "2 " NO, "ok" },
	};

	check_outside(rows, ARRAY_SIZE(rows));
}

static void processes_outside_are_not_touched(void **state)
{
	static const struct row rows[] = {
		{ "open r " NO, NOT_READ },
		{ "sync", "ok", .host = act_outside },
		{ "open r " NO, NOT_READ },
	};

	(void)state;
	make_tree();
	act_outside();
	check_rows(policy, rows, ARRAY_SIZE(rows));
	act_outside();
}

static void move_to_child(void)
{
	char *child = text("%s/child", job_cgroup());
	char *grandchild = text("%s/grand", child);

	assert_int_equal(mkdir(child, 0755), 0);
	assert_int_equal(mkdir(grandchild, 0755), 0);
	move(grandchild, job_pid());
}

static void child_cgroups_belong_to_the_job(void **state)
{
	static const struct row rows[] = {
		{ "open r " NO, NOT_READ },
		{ "sync", "ok", .host = move_to_child },
		{ "open r " NO, NOT_READ },
		{ "fork open r " NO, NOT_READ },
		{ "exec " T "/bin/prog -x open r " NO, "exit-13", READ_REFUSED },
		{ "open r " T "/in/f", "ok" },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void move_out(void)
{
	move(OUTSIDE, job_pid());
}

static void once_jailed_always_jailed(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/f", "ok" },
		{ "sync", "ok", .host = move_out },
		{ "open r " NO, NOT_READ },
		{ "fork open r " NO, NOT_READ },
		{ "double-fork open r " NO, NOT_READ },
		{ "exec " T "/bin/prog -x open r " NO, "exit-13", READ_REFUSED },
		{ "exec " T "/no/prog", "EACCES", { { "exec", T "/no/prog", "exec" } } },
		{ "open r " T "/in/f", "ok" },
	};

	(void)state;
	assert_int_equal(mkdir(OUTSIDE, 0755), 0);
	run_rows(rows, ARRAY_SIZE(rows));
	assert_int_equal(rmdir(OUTSIDE), 0);
	act_outside();
}

/* A process that waits outside, is moved in, and then acts. */
struct helper {
	pid_t pid;
	int go_fd;
	int answer_fd;
};

static struct helper start_helper(const char *const *words)
{
	struct helper helper;
	int go[2], answer[2];

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
	helper.pid = fork();
	if (!helper.pid) {
		(void)dup2(go[0], STDIN_FILENO);
		(void)dup2(answer[1], STDOUT_FILENO);
		(void)execv(words[0], (char *const *)(uintptr_t)words);
		_exit(127);
	}
	(void)close(go[0]);
	(void)close(answer[1]);
	helper.go_fd = go[1];
	helper.answer_fd = answer[0];
	return helper;
}

/* Lets it go on, and compares all that it says with `want`. */
static void finish_helper(struct helper *helper, const char *want)
{
	char said[512];
	size_t len = 0;
	ssize_t n;

	assert_int_equal(write(helper->go_fd, "g", 1), 1);
	while ((n = read(helper->answer_fd, said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	(void)close(helper->go_fd);
	(void)close(helper->answer_fd);
	assert_int_equal(waitpid(helper->pid, NULL, 0), helper->pid);
	assert_string_equal(said, want);
}

static void move_in(void)
{
	static const char *const words[] = {
		ACT, "open", "r",    NO,  ",", "sync", ",",    "open", "r",	  NO,
		",", "fork", "open", "r", NO,  ",",    "open", "r",    T "/in/f", NULL,
	};
	struct helper helper = start_helper(words);

	(void)usleep(300000); /* until it has said "ok" twice, outside */
	move(job_cgroup(), helper.pid);
	finish_helper(&helper, "ok\nok\nEACCES\nEACCES\nok\n");
}

static void a_process_that_is_moved_in_is_jailed(void **state)
{
	static const struct row rows[] = {
		{ "sync",
		  "ok",
		  { { "open", NO, "read", .error = "EACCES" },
		    { "open", NO, "read", .error = "EACCES" } },
		  move_in },
		{ "open r " NO, NOT_READ },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void move_in_threads(void)
{
	static const char *const words[] = {
		ACT, "thread", "synced", "open",   "r",	   NO,	",", "open",
		"r", NO,       ",",	 "thread", "open", "r", NO,  NULL,
	};
	struct helper helper = start_helper(words);

	(void)usleep(300000);
	move(job_cgroup(), helper.pid);
	finish_helper(&helper, "EACCES\nEACCES\nEACCES\n");
}

/* Moved while it has two threads: both are jailed, and a third one that comes later. */
static void all_threads_of_a_process_that_is_moved_in_are_jailed(void **state)
{
	static const struct row rows[] = {
		{ "sync",
		  "ok",
		  { { "open", NO, "read", .error = "EACCES" },
		    { "open", NO, "read", .error = "EACCES" },
		    { "open", NO, "read", .error = "EACCES" } },
		  move_in_threads },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
	act_outside();
}

static void clone_in(void)
{
	const struct row rows[] = {
		{ text("in-cgroup %s exec " T "/bin/prog -x open r " T "/in/f", job_cgroup()),
		  "ok" },
		{ text("in-cgroup %s exec " T "/bin/prog -x open r " NO, job_cgroup()), "exit-13" },
		{ text("in-cgroup %s exec " T "/no/prog", job_cgroup()), "EACCES" },
		{ "exec " T "/no/prog", "ok" },
	};

	check_outside(rows, ARRAY_SIZE(rows));
}

static void a_process_cloned_into_the_cgroup_is_jailed_at_exec(void **state)
{
	static const struct row rows[] = {
		{ "sync",
		  "ok",
		  { { "open", NO, "read", .error = "EACCES" },
		    { "exec", T "/no/prog", "exec", .error = "EACCES" } },
		  clone_in },
		{ "open r " NO, NOT_READ },
	};

	(void)state;
	run_rows(rows, ARRAY_SIZE(rows));
}

static void the_job_cannot_leave_by_itself(void **state)
{
	static const struct row rows[] = {
		{ "in-cgroup " OUTSIDE " open r " NO, "EACCES", { { "open", OUTSIDE, "list" } } },
		{ "open w " OUTSIDE "/cgroup.procs",
		  "EPERM",
		  { { "open", OUTSIDE "/cgroup.procs", .guard = "cgroup" } } },
		{ "mkdir " OUTSIDE "/sub", "EPERM", { { "mkdir", "*", .guard = "cgroup" } } },
	};

	(void)state;
	assert_int_equal(mkdir(OUTSIDE, 0755), 0);
	run_rows(rows, ARRAY_SIZE(rows));
	assert_int_equal(rmdir(OUTSIDE), 0);
}

static void two_jobs_are_judged_each_by_its_own_policy(void **state)
{
	static const struct row outer[] = {
		{ "open r " T "/in/f", "ok" },
		{ "open r " NO, NOT_READ },
	};
	static const struct row other[] = {
		{ "open r " T "/in/f", "EACCES", { { "open", T "/in/f", "read" } } },
		{ "open r " NO, "ok" },
	};

	(void)state;
	run_rows(outer, ARRAY_SIZE(outer));
	check_rows(POLICY_HEAD "    - {allow: ro, paths: " T "/no}\n", other, ARRAY_SIZE(other));
	check_rows(policy, outer, ARRAY_SIZE(outer));
}

static void nothing_of_a_job_is_left_behind(void **state)
{
	static const char *const words[] = { ACT, "spawn", ",", "double-fork", "spawn", NULL };
	const struct job job = { .policy = policy, .argv = words, .loose = true };
	struct outcome outcome = { 0 };
	const char *cgroup;

	(void)state;
	make_tree();
	run_job(&job, &outcome);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, "ok\nok\n");
	cgroup = json_string_value(json_object_get(json_array_get(outcome.log, 0), "cgroup"));
	assert_non_null(cgroup);
	assert_false(exists(cgroup));
	outcome_free(&outcome);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(children_of_all_kinds_are_jailed),
		TEST(processes_outside_are_not_touched),
		TEST(child_cgroups_belong_to_the_job),
		TEST(once_jailed_always_jailed),
		TEST(a_process_that_is_moved_in_is_jailed),
		TEST(all_threads_of_a_process_that_is_moved_in_are_jailed),
		TEST(a_process_cloned_into_the_cgroup_is_jailed_at_exec),
		TEST(the_job_cannot_leave_by_itself),
		TEST(two_jobs_are_judged_each_by_its_own_policy),
		TEST(nothing_of_a_job_is_left_behind),
	};

	return RUN_SUITE("subject", tests);
}

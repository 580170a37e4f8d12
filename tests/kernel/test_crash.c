// SPDX-License-Identifier: GPL-2.0-only
/* Launchers that are killed, engines that are taken apart: nothing goes on without its policy. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/start.h"

#define SECRET T "/secret"
#define P                    \
	"version: 1\n"       \
	"name: test\n"       \
	"filesystem:\n"      \
	"  default: allow\n" \
	"  rules:\n"         \
	"    - {deny: [read], paths: " SECRET "}\n"
#define TASKS_MAX 16

static void check_says(const char *where, const char *words)
{
	if (!where || !strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where ? where : "(nothing)");
}

/* The secret is refused, anything else is not. */
static void check_enforces(const char *name)
{
	static const char *const argv[] = { "/bin/sh", "-c", "cat " T "/open; cat " SECRET, NULL };
	const struct start start = { .name = name, .policy = P, .argv = argv };
	struct run run;

	make(SECRET, "secret\n");
	make(T "/open", "open\n");
	do_run(&start, &run);
	if (run.status != 1)
		fail_msg("exit status %d: %s", run.status, run.err);
	assert_string_equal(run.out, "open\n");
	assert_int_equal(count_records(run.log, "violation"), 1);
	check_no_leftovers();
	free_run(&run);
}

static const char *sbx(const char *verb, const char *option, int *ret_status)
{
	return output_of((const char *const[]){ sbx_bin(), verb, option, NULL }, ret_status);
}

/* --- a killed launcher
 * ------------------------------------------------------------------------------ */

struct tree {
	struct run run;
	pid_t pids[TASKS_MAX];
	size_t n;
};

/* A command, its child, a grandchild in a session of its own. */
static void start_tree(const char *name, struct tree *tree)
{
	static const char *const argv[] = {
		"/bin/sh", "-c",
		"cat " SECRET "; setsid sleep 1000 & sleep 1000 & sleep 0.2; echo ready; wait", NULL
	};
	const struct start start = { .name = name, .policy = P, .argv = argv };

	make(SECRET, "secret\n");
	start_run(&start, &tree->run);
	wait_for_line(&tree->run, "ready\n");
	tree->n = run_tasks(&tree->run, tree->pids, TASKS_MAX);
	assert_true(tree->n >= 3);
}

static bool all_dead(const void *ctx)
{
	const struct tree *tree = ctx;

	for (size_t i = 0; i < tree->n; i++) {
		char *stat = slurp(text("/proc/%d/stat", tree->pids[i]));
		const char *state = stat ? strrchr(stat, ')') : NULL;

		if (state && state[1] && state[2] != 'Z' && state[2] != 'X')
			return false;
	}
	return true;
}

static bool record_is_gone(const void *ctx)
{
	const struct tree *tree = ctx;

	return !exists(text("/run/sbx-bpf/jobs/%s", tree->run.name));
}

static void a_killed_launcher_takes_its_job_with_it(void **state)
{
	struct tree tree;

	(void)state;
	start_tree("orphan", &tree);
	assert_int_equal(kill(tree.run.launcher, SIGKILL), 0);
	if (!becomes_true(all_dead, &tree, 1000))
		fail_msg("processes of the job live a second after its launcher was killed");
	assert_true(becomes_true(record_is_gone, &tree, 5000));
	end_run(&tree.run);
	check_no_leftovers();
	/* The log is what was written by then, each line whole. */
	assert_int_equal(count_records(tree.run.log, "lifecycle"), 1);
	assert_int_equal(count_records(tree.run.log, "violation"), 1);
	free_run(&tree.run);
}

/* The process named sbx-bpf-watch whose parent is the launcher. */
static pid_t find_watchdog(pid_t launcher)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		const char *stat = atoi(entry->d_name) > 0
					   ? slurp(text("/proc/%s/stat", entry->d_name))
					   : NULL;
		const char *end = stat ? strrchr(stat, ')') : NULL;
		int parent = 0;

		if (end && strstr(stat, "(sbx-bpf-watch)") &&
		    sscanf(end, ") %*c %d", &parent) == 1 && parent == launcher)
			found = atoi(entry->d_name);
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

/* Neither may help: the launcher cannot notice that its watchdog is gone. */
static void kill_both(struct tree *tree)
{
	pid_t watchdog = find_watchdog(tree->run.launcher);

	assert_true(watchdog > 1);
	assert_int_equal(kill(tree->run.launcher, SIGSTOP), 0);
	assert_int_equal(kill(watchdog, SIGKILL), 0);
	assert_int_equal(kill(tree->run.launcher, SIGKILL), 0);
	end_run(&tree->run);
}

static void gc_ends_a_job_whose_launcher_and_watchdog_were_killed(void **state)
{
	struct tree tree;
	const char *said;
	int status;

	(void)state;
	start_tree("ruin", &tree);
	kill_both(&tree);
	assert_false(all_dead(&tree));
	said = sbx("gc", NULL, &status);
	assert_int_equal(status, 0);
	check_says(said, "removed 1 job ");
	assert_true(becomes_true(all_dead, &tree, 1000));
	check_no_leftovers();
	check_says(sbx("gc", NULL, &status), "removed 0 jobs ");
}

static void the_next_run_takes_over_the_name_of_a_dead_job(void **state)
{
	struct tree tree;

	(void)state;
	start_tree("ruin", &tree);
	kill_both(&tree);
	check_enforces("ruin");
	assert_true(becomes_true(all_dead, &tree, 1000));
}

static void a_killed_watchdog_is_replaced(void **state)
{
	struct tree tree;
	pid_t first, second = 0;

	(void)state;
	start_tree("watched", &tree);
	first = find_watchdog(tree.run.launcher);
	assert_true(first > 1);
	assert_int_equal(kill(first, SIGKILL), 0);
	for (int i = 0; i < 500 && (!second || second == first); i++) {
		second = find_watchdog(tree.run.launcher);
		(void)usleep(10000);
	}
	assert_true(second > 1 && second != first);
	assert_int_equal(kill(tree.run.launcher, SIGKILL), 0);
	assert_true(becomes_true(all_dead, &tree, 1000));
	assert_true(becomes_true(record_is_gone, &tree, 5000));
	end_run(&tree.run);
	check_no_leftovers();
	free_run(&tree.run);
}

/* --- the engine
 * -------------------------------------------------------------------------------------------- */

static void unload(void)
{
	int status;
	const char *said = sbx("unload", NULL, &status);

	if (status)
		fail_msg("unload: %s", said);
}

static void load_is_done_once(void **state)
{
	int status;

	(void)state;
	unload();
	assert_null(pins_dir());
	assert_false(exists("/sys/fs/cgroup/sbx-bpf"));
	check_says(sbx("load", NULL, &status), "engine loaded");
	assert_int_equal(status, 0);
	check_says(sbx("load", NULL, &status), "engine was loaded already");
	assert_int_equal(status, 0);
	check_enforces("loaded");
	unload();
	assert_int_equal(command((const char *const[]){ sbx_bin(), "unload", "-q", NULL }), 0);
}

static void unload_spares_an_engine_with_jobs_unless_forced(void **state)
{
	struct tree tree;
	int status;

	(void)state;
	start_tree("busy", &tree);
	check_says(sbx("unload", NULL, &status), "1 job is still bound");
	assert_int_equal(status, 125);
	assert_false(all_dead(&tree));
	check_says(sbx("unload", "--force", &status), "engine unloaded");
	assert_int_equal(status, 0);
	assert_true(becomes_true(all_dead, &tree, 2000));
	end_run(&tree.run);
	assert_int_equal(tree.run.status, 128 + SIGKILL);
	assert_null(pins_dir());
	check_no_leftovers();
	free_run(&tree.run);
}

static void removed_pins_are_made_anew(void **state)
{
	(void)state;
	check_enforces("before");
	assert_int_equal(command((const char *const[]){ "rm", "-r", pins_dir(), NULL }), 0);
	check_enforces("after");
	assert_non_null(pins_dir());
}

static void a_removed_link_is_noticed(void **state)
{
	static const char *const links[] = { "sbx_file_open", "sbx_connect4" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		check_enforces("before");
		if (unlink(text("%s/links/%s", pins_dir(), links[i])))
			fail_msg("%s: %s", links[i], strerror(errno));
		check_enforces("after");
		assert_true(exists(text("%s/links/%s", pins_dir(), links[i])));
	}
}

static void a_removed_map_is_noticed(void **state)
{
	(void)state;
	check_enforces("before");
	assert_int_equal(unlink(text("%s/maps/sbx_jobs", pins_dir())), 0);
	check_enforces("after");
}

static void an_engine_of_another_build_stays_until_gc(void **state)
{
	static const char other[] = "/sys/fs/bpf/sbx-bpf/1-000000000000";
	const char *own;
	int status;

	(void)state;
	check_enforces("before");
	own = pins_dir();
	assert_int_equal(rename(own, other), 0);
	/* another build's canary has a cgroup of its own */
	assert_int_equal(rmdir(text("/sys/fs/cgroup/sbx-bpf/.canary-%s", strrchr(own, '/') + 1)),
			 0);
	check_enforces("beside");
	assert_true(exists(own));
	assert_true(exists(other));
	check_says(sbx("gc", NULL, &status), "1 engine");
	assert_int_equal(status, 0);
	assert_true(exists(own));
	assert_false(exists(other));
	check_enforces("after");
}

static void gc_leaves_an_engine_that_it_cannot_read_while_jobs_are_bound(void **state)
{
	static const char other[] = "/sys/fs/bpf/sbx-bpf/1-000000000000";
	struct tree tree;
	char own[256];
	int status;

	(void)state;
	start_tree("older", &tree);
	(void)snprintf(own, sizeof(own), "%s", pins_dir());
	assert_int_equal(rename(own, other), 0);
	/* as good as one of another shape */
	assert_int_equal(unlink(text("%s/maps/sbx_jobs", other)), 0);
	check_says(sbx("gc", NULL, &status), "0 engines");
	assert_true(exists(other));
	/* gc has loaded one of its own build beside it */
	(void)sbx("unload", NULL, &status);
	assert_int_equal(status, 0);
	assert_int_equal(rename(other, own), 0);
	assert_int_equal(kill(tree.run.launcher, SIGTERM), 0);
	end_run(&tree.run);
	assert_true(becomes_true(all_dead, &tree, 1000));
	check_enforces("after");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS_TEST(a_killed_launcher_takes_its_job_with_it),
		RUNS_TEST(gc_ends_a_job_whose_launcher_and_watchdog_were_killed),
		RUNS_TEST(the_next_run_takes_over_the_name_of_a_dead_job),
		RUNS_TEST(a_killed_watchdog_is_replaced),
		RUNS_TEST(load_is_done_once),
		RUNS_TEST(unload_spares_an_engine_with_jobs_unless_forced),
		RUNS_TEST(removed_pins_are_made_anew),
		RUNS_TEST(a_removed_link_is_noticed),
		RUNS_TEST(a_removed_map_is_noticed),
		RUNS_TEST(an_engine_of_another_build_stays_until_gc),
		RUNS_TEST(gc_leaves_an_engine_that_it_cannot_read_while_jobs_are_bound),
	};

	return RUN_SUITE("crash", tests);
}

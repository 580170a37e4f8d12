// SPDX-License-Identifier: GPL-2.0-only
/* Names, records, and what becomes of a job whose launcher is killed. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#define PATIENCE_MS 20000 /* how long something may take that happens in the end */

static void names_are_checked(void **state)
{
	static const char *const good[] = { "a", "0", "strict-4711", "a.b_c-d" };
	static const char *const bad[] = {
		"",    "A",
		"-a",  ".a",
		"_a",  "a/b",
		"..",  "a b",
		"a\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};
	struct sbx_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(good); i++)
		assert_int_equal(sbx_state_check_name(good[i], &err), 0);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad); i++)
		assert_int_equal(sbx_state_check_name(bad[i], &err), -EINVAL);
	assert_true(*err.cure);
}

static void a_record_is_private_and_holds_what_gc_needs(void **state)
{
	const struct sbx_binding binding = { .job = 7, .policy = 8, .cgroup = 9 };
	struct sbx_state made;
	struct sbx_state seen;
	struct stat st;
	bool alive_now;
	char path[200];

	(void)state;
	assert_int_equal(sbx_state_create("rec", "/some/cgroup", false, &made, NULL), 0);
	assert_int_equal(sbx_state_bound(&made, &binding), 0);
	assert_int_equal(sbx_state_look("rec", &seen, &alive_now), 0);
	assert_true(alive_now);
	assert_int_equal(seen.launcher, getpid());
	assert_true(seen.launcher_start > 0);
	assert_string_equal(seen.cgroup, "/some/cgroup");
	assert_memory_equal(&seen.binding, &binding, sizeof(binding));
	(void)snprintf(path, sizeof(path), "%s/rec", fixture.jobs);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(path, sizeof(path), "%s/rec/state", fixture.jobs);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sbx_state_remove(&made);
	assert_int_equal(sbx_state_look("rec", &seen, &alive_now), -ENOENT);
}

static void a_living_jobs_name_is_taken_and_a_dead_ones_can_be_adopted(void **state)
{
	struct sbx_state first;
	struct sbx_state second;
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_state_create("one", "/x", false, &first, NULL), 0);
	assert_int_equal(sbx_state_create("one", "/x", false, &second, &err), -EEXIST);
	assert_non_null(strstr(err.text, "\"one\""));
	assert_int_equal(sbx_state_adopt("one", &second), -EBUSY);
	sbx_state_close(&first); /* as the kernel does for a killed launcher */
	assert_int_equal(sbx_state_create("one", "/x", false, &second, &err), -ESTALE);
	assert_int_equal(sbx_state_adopt("one", &second), 0);
	assert_string_equal(second.cgroup, "/x");
	sbx_state_remove(&second);
}

static void a_record_cut_short_is_cleaned_up(void **state)
{
	char path[200];

	(void)state;
	need_cgroup2();
	(void)mkdir(fixture.jobs, 0700);
	(void)snprintf(path, sizeof(path), "%s/half", fixture.jobs);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(sbx_job_gc(&fake_engine, NULL), 1);
	assert_int_equal(access(path, F_OK), -1);
}

static void gc_never_touches_what_is_no_cgroup(void **state)
{
	struct sbx_state record;
	char precious[160];

	(void)state;
	need_cgroup2();
	(void)strcpy(precious, file_in_dir("precious"));
	assert_int_equal(mkdir(precious, 0700), 0);
	assert_int_equal(sbx_state_create("evil", precious, false, &record, NULL), 0);
	sbx_state_close(&record);
	assert_int_equal(sbx_job_gc(&fake_engine, NULL), 1);
	assert_int_equal(access(precious, F_OK), 0);
}

/* Starts a job with a child that left its session; gives the launcher and both processes. */
static pid_t start_tree(pid_t pids[2])
{
	char script[256];
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL };
	struct sbx_run_options options;
	pid_t launcher;

	(void)snprintf(script, sizeof(script),
		       "setsid sleep 60 & echo $! > %s/pids; echo $$ >> %s/pids; sleep 60",
		       fixture.dir, fixture.dir);
	options = default_options(argv);
	launcher = start_launcher(&options, true);
	assert_int_equal(read_pids(file_in_dir("pids"), pids, 2), 2);
	return launcher;
}

static bool all_gone(const pid_t *pids, int n, int timeout_ms)
{
	for (int ms = 0; ms < timeout_ms; ms += 10) {
		bool any = fake_engine.shared->released == 0;

		for (int i = 0; i < n; i++)
			any = any || alive(pids[i]);
		if (!any)
			return true;
		sleep_ms(10);
	}
	return false;
}

static void the_watchdog_ends_the_job_of_a_killed_launcher(void **state)
{
	pid_t pids[2];
	pid_t launcher;

	(void)state;
	need_cgroup2();
	launcher = start_tree(pids);
	(void)kill(launcher, SIGKILL);
	(void)wait_status(launcher);
	assert_true(all_gone(pids, 2, PATIENCE_MS));
	for (int ms = 0; ms < PATIENCE_MS && rmdir(fixture.jobs); ms += 10)
		sleep_ms(10); /* it removes the record last */
	assert_clean();
}

static void the_watchdog_ends_the_job_of_a_stopped_launcher_at_its_deadline(void **state)
{
	pid_t pids[2];
	pid_t launcher;

	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {wall_time: 100ms}\n");
	launcher = start_tree(pids);
	(void)kill(launcher, SIGSTOP);
	for (int ms = 0; ms < SBX_WATCHDOG_SLACK_MS + PATIENCE_MS && alive(pids[1]); ms += 50)
		sleep_ms(50);
	assert_false(alive(pids[0]) || alive(pids[1]));
	(void)kill(launcher, SIGCONT);
	(void)wait_status(launcher);
	assert_clean();
}

/* The only child of `parent` with that name, or 0. */
static pid_t find_child(pid_t parent, const char *comm)
{
	char command[200];
	sbx_cleanup(sbx_freep) char *line = calloc(1, 64);
	FILE *pipe;
	pid_t pid;

	(void)snprintf(command, sizeof(command),
		       "for p in $(cat /proc/%d/task/%d/children); do "
		       "grep -qx %s /proc/$p/comm && echo $p; done",
		       parent, parent, comm);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	if (!fgets(line, 64, pipe))
		line[0] = '\0';
	(void)pclose(pipe);
	pid = atoi(line);
	return pid;
}

static void a_killed_watchdog_is_replaced(void **state)
{
	pid_t pids[2];
	pid_t launcher;
	pid_t first;
	pid_t second = 0;

	(void)state;
	need_cgroup2();
	launcher = start_tree(pids);
	first = find_child(launcher, "sbx-bpf-watch");
	assert_true(first > 0);
	(void)kill(first, SIGKILL);
	for (int ms = 0; ms < PATIENCE_MS && (second <= 0 || second == first); ms += 20) {
		sleep_ms(20);
		second = find_child(launcher, "sbx-bpf-watch");
	}
	assert_true(second > 0 && second != first);
	(void)kill(launcher, SIGKILL);
	(void)wait_status(launcher);
	assert_true(all_gone(pids, 2, PATIENCE_MS));
}

static void gc_cleans_up_when_the_watchdog_was_killed_too(void **state)
{
	pid_t pids[2];
	pid_t launcher;
	pid_t watchdog;

	(void)state;
	need_cgroup2();
	launcher = start_tree(pids);
	watchdog = find_child(launcher, "sbx-bpf-watch");
	(void)kill(launcher, SIGSTOP); /* so that it cannot start another */
	(void)kill(watchdog, SIGKILL);
	(void)kill(launcher, SIGKILL);
	(void)wait_status(launcher);
	sleep_ms(50);
	assert_int_equal(sbx_job_gc(&fake_engine, NULL), 1);
	assert_true(all_gone(pids, 2, PATIENCE_MS));
	assert_clean();
}

static void gc_leaves_living_jobs_alone(void **state)
{
	pid_t pids[2];
	pid_t launcher;

	(void)state;
	need_cgroup2();
	launcher = start_tree(pids);
	assert_int_equal(sbx_job_gc(&fake_engine, NULL), 0);
	assert_true(alive(pids[0]) && alive(pids[1]));
	(void)kill(launcher, SIGTERM);
	assert_int_equal(wait_status(launcher), 128 + SIGTERM);
	assert_clean();
}

static void gc_finds_cgroups_and_bindings_without_a_record(void **state)
{
	struct sbx_cgroup cgroup;
	struct sbx_binding binding;

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "lost", &cgroup, NULL), 0);
	assert_int_equal(sbx_engine_bind(&fake_engine, NULL, cgroup.path, &binding, NULL), 0);
	sbx_cgroup_close(&cgroup);
	assert_int_equal(sbx_job_gc(&fake_engine, NULL), 2); /* the cgroup, then the binding */
	assert_clean();
}

static void end_all_ends_living_jobs(void **state)
{
	pid_t pids[2];
	pid_t launcher;

	(void)state;
	need_cgroup2();
	launcher = start_tree(pids);
	assert_int_equal(sbx_job_end_all(&fake_engine, NULL), 1);
	assert_int_equal(wait_status(launcher), 128 + SIGKILL);
	assert_false(alive(pids[0]) || alive(pids[1]));
	assert_clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(names_are_checked),
		JOB_TEST(a_record_is_private_and_holds_what_gc_needs),
		JOB_TEST(a_living_jobs_name_is_taken_and_a_dead_ones_can_be_adopted),
		JOB_TEST(a_record_cut_short_is_cleaned_up),
		JOB_TEST(gc_never_touches_what_is_no_cgroup),
		JOB_TEST(the_watchdog_ends_the_job_of_a_killed_launcher),
		JOB_TEST(the_watchdog_ends_the_job_of_a_stopped_launcher_at_its_deadline),
		JOB_TEST(a_killed_watchdog_is_replaced),
		JOB_TEST(gc_cleans_up_when_the_watchdog_was_killed_too),
		JOB_TEST(gc_leaves_living_jobs_alone),
		JOB_TEST(gc_finds_cgroups_and_bindings_without_a_record),
		JOB_TEST(end_all_ends_living_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

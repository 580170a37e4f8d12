// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups: made, limited, counted, emptied, removed. Limits need controllers, so they may skip. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

static struct sbx_limits no_limits(void)
{
	return (struct sbx_limits){ .memory = SBX_LIMIT_NONE,
				    .swap = SBX_LIMIT_NONE,
				    .cpu_percent = SBX_LIMIT_NONE,
				    .pids = SBX_LIMIT_NONE,
				    .wall_time_ms = SBX_LIMIT_NONE,
				    .violations = SBX_LIMIT_NONE };
}

static void a_key_is_found_by_its_whole_name_only(void **state)
{
	const char *text = "user_usec 12\nsystem_usec 34\nuser_usec_total 56\n";
	__u64 value = 0;

	(void)state;
	assert_true(sbx_cgroup_key(text, "user_usec", &value));
	assert_int_equal(value, 12);
	assert_true(sbx_cgroup_key(text, "system_usec", &value));
	assert_int_equal(value, 34);
	assert_true(sbx_cgroup_key(text, "user_usec_total", &value));
	assert_int_equal(value, 56);
	assert_false(sbx_cgroup_key(text, "usec", &value));
	assert_false(sbx_cgroup_key(text, "system", &value));
	assert_false(sbx_cgroup_key("", "user_usec", &value));
}

static void a_cgroup_is_made_once_and_removed(void **state)
{
	struct sbx_cgroup cgroup;
	struct sbx_cgroup second;
	struct sbx_error err = { 0 };

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "one", &cgroup, &err), 0);
	assert_int_equal(access(cgroup.path, F_OK), 0);
	assert_false(sbx_cgroup_populated(&cgroup));
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "one", &second, &err), -EEXIST);
	assert_true(*err.cure);
	assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
	assert_int_equal(access(cgroup.path, F_OK), -1);
	assert_int_equal(cgroup.fd, -1);
}

static void a_root_outside_cgroup2_is_refused(void **state)
{
	struct sbx_cgroup cgroup;
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_cgroup_create(fixture.dir, "one", &cgroup, &err), -ENOTSUP);
	assert_true(*err.cure);
	assert_int_equal(sbx_cgroup_create("/proc/no/such", "one", &cgroup, &err), -ENOENT);
	assert_int_equal(sbx_cgroup_open(fixture.dir, &cgroup), -EINVAL);
	assert_int_equal(sbx_cgroup_open("/no/such", &cgroup), -ENOENT);
}

static void children_of_a_cgroup_are_removed_too(void **state)
{
	struct sbx_cgroup cgroup;
	char path[600];

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "deep", &cgroup, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/a", cgroup.path);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/a/b", cgroup.path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
	assert_int_equal(access(cgroup.path, F_OK), -1);
}

/* A process in the cgroup that forks as fast as it can. */
static pid_t start_forker(const struct sbx_cgroup *cgroup)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (sbx_cgroup_write(cgroup->fd, "cgroup.procs", "0"))
		_exit(1);
	for (int i = 0; i < 2000; i++) {
		if (!fork()) {
			(void)setsid();
			sleep_ms(60000);
			_exit(0);
		}
	}
	sleep_ms(60000);
	_exit(0);
}

static void kill_ends_a_tree_that_keeps_forking(void **state)
{
	struct sbx_cgroup cgroup;
	pid_t pid;

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "forks", &cgroup, NULL), 0);
	pid = start_forker(&cgroup);
	while (!sbx_cgroup_populated(&cgroup))
		sleep_ms(1);
	sleep_ms(20);
	assert_int_equal(sbx_cgroup_kill(&cgroup, 5000), 0);
	assert_false(sbx_cgroup_populated(&cgroup));
	assert_int_equal(wait_status(pid), 128 + SIGKILL);
	assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
}

static void killing_a_cgroup_that_is_gone_is_no_error(void **state)
{
	struct sbx_cgroup cgroup;

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "gone", &cgroup, NULL), 0);
	assert_int_equal(rmdir(cgroup.path), 0);
	assert_int_equal(sbx_cgroup_kill(&cgroup, 100), 0);
	assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
}

static void remove_leaves_a_namesake_alone(void **state)
{
	struct sbx_cgroup old;
	struct sbx_cgroup namesake;

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "same", &old, NULL), 0);
	assert_int_equal(rmdir(old.path), 0);
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "same", &namesake, NULL), 0);
	assert_int_equal(sbx_cgroup_remove(&old), 0);
	assert_int_equal(access(namesake.path, F_OK), 0);
	assert_int_equal(sbx_cgroup_remove(&namesake), 0);
}

static bool has_file(const struct sbx_cgroup *cgroup, const char *name)
{
	return !faccessat(cgroup->fd, name, F_OK, 0);
}

static void a_limit_without_its_controller_is_an_error_that_names_both(void **state)
{
	struct sbx_limits limits = no_limits();
	struct sbx_cgroup parent;
	struct sbx_cgroup bare;
	struct sbx_error err = { 0 };
	char path[600];

	(void)state;
	need_cgroup2();
	/* Nothing is enabled for the children of a job's cgroup, so a child has no controllers. */
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "parent", &parent, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/bare", parent.path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(sbx_cgroup_open(path, &bare), 0);
	assert_int_equal(sbx_cgroup_limit(&bare, &limits, &err), 0);
	limits.pids = 10;
	assert_int_equal(sbx_cgroup_limit(&bare, &limits, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "limits.pids"));
	assert_non_null(strstr(err.text, "\"pids\""));
	assert_true(*err.cure);
	assert_int_equal(sbx_cgroup_remove(&bare), 0);
	assert_int_equal(sbx_cgroup_remove(&parent), 0);
}

static void limits_are_written_and_a_change_is_noticed(void **state)
{
	struct sbx_limits limits = no_limits();
	struct sbx_cgroup cgroup;
	struct sbx_error err = { 0 };
	char text[64];

	(void)state;
	need_cgroup2();
	assert_int_equal(sbx_cgroup_create(fake_engine.root, "limits", &cgroup, NULL), 0);
	if (!has_file(&cgroup, "pids.max") || !has_file(&cgroup, "memory.max") ||
	    !has_file(&cgroup, "cpu.max")) {
		assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
		print_message("skipped: cgroup2 lacks memory, pids or cpu here\n");
		skip();
	}
	limits.memory = 16 * 1024 * 1024 + 5; /* the kernel keeps whole pages */
	limits.swap = 0;
	limits.cpu_percent = 150;
	limits.pids = 10;
	assert_int_equal(sbx_cgroup_limit(&cgroup, &limits, &err), 0);
	assert_true(sbx_cgroup_read(cgroup.fd, "cpu.max", text, sizeof(text)) > 0);
	assert_string_equal(text, "150000 100000\n");
	assert_true(sbx_cgroup_read(cgroup.fd, "memory.oom.group", text, sizeof(text)) > 0);
	assert_string_equal(text, "1\n");
	assert_int_equal(sbx_cgroup_lost_limits(&cgroup, &limits), 0);
	assert_int_equal(sbx_cgroup_write(cgroup.fd, "pids.max", "max"), 0);
	assert_int_equal(sbx_cgroup_lost_limits(&cgroup, &limits), 1u << SBX_LIMIT_PIDS);
	assert_int_equal(sbx_cgroup_remove(&cgroup), 0);
}

static void running_out_of_memory_is_told_from_other_deaths(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {memory: 16M, swap: 0}\n");
	if (run_shell("exit 0")) {
		print_message("skipped: cgroup2 lacks the memory controller here\n");
		skip();
	}
	assert_int_equal(run_shell("tail /dev/zero"), 137);
	assert_reason("oom");
	assert_true(json_is_true(json_object_get(result_get("limits", "memory"), "hit")));
	assert_int_equal(run_shell("kill -9 $$"), 137);
	assert_reason("signaled");
	assert_false(json_is_true(json_object_get(result_get("limits", "memory"), "hit")));
}

static void more_processes_than_allowed_fail_to_fork(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {pids: 3}\n");
	if (run_shell("exit 0")) {
		print_message("skipped: cgroup2 lacks the pids controller here\n");
		skip();
	}
	assert_int_not_equal(run_shell("sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait"), 0);
	assert_true(json_is_true(json_object_get(result_get("limits", "pids"), "hit")));
}

static void processor_time_is_counted(void **state)
{
	json_t *user;

	(void)state;
	need_cgroup2();
	assert_int_equal(run_shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"), 0);
	user = result_get("metrics", "cpu_user_seconds");
	assert_true(json_real_value(user) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(a_key_is_found_by_its_whole_name_only),
		JOB_TEST(a_cgroup_is_made_once_and_removed),
		JOB_TEST(a_root_outside_cgroup2_is_refused),
		JOB_TEST(children_of_a_cgroup_are_removed_too),
		JOB_TEST(kill_ends_a_tree_that_keeps_forking),
		JOB_TEST(killing_a_cgroup_that_is_gone_is_no_error),
		JOB_TEST(remove_leaves_a_namesake_alone),
		JOB_TEST(a_limit_without_its_controller_is_an_error_that_names_both),
		JOB_TEST(limits_are_written_and_a_change_is_noticed),
		JOB_TEST(running_out_of_memory_is_told_from_other_deaths),
		JOB_TEST(more_processes_than_allowed_fail_to_fork),
		JOB_TEST(processor_time_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

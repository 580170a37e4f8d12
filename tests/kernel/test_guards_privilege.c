// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  Here: identities, programs
 * without a path, and what root may do that has no path.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "lib/guards.h"

static void make_suid(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	make_program(path);
	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void taking_another_identity_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "fork setuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork setresuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork seteuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork setfsuid 1000", "EPERM", ESCAPE("setuid", "number 0", "setuid") },
		{ "fork setgid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork setgroups 1000", "EPERM", ESCAPE("setuid", NULL, "setuid") },
		{ "exec " T "/suid", "EPERM", ESCAPE("setuid", T "/suid", "setuid") },
		{ "exec " T "/sgid", "EPERM", ESCAPE("setuid", T "/sgid", "setuid") },
		{ "fork setuid 0", "ok" },
		{ "exec " ACT, "ok" },
	};

	(void)state;
	make_suid(T "/suid", 1000, 0, 04755);
	make_suid(T "/sgid", 0, 1000, 02755);
	check_guard("setuid", "process: {no_new_privs: false}\n", rows, NULL, ARRAY_SIZE(rows));
}

static void leaving_a_program_that_lends_an_identity_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "chmod " T "/f 4755", "EPERM", ESCAPE("chmod", T "/f", "setuid") },
		{ "chmod " T "/f 2755", "EPERM", ESCAPE("chmod", T "/f", "setuid") },
		{ "chmod " T "/f 2644", "ok" },
		{ "chmod " T "/f 0755", "ok" },
		{ "chmod " T "/d 2755", "ok" },
	};

	(void)state;
	make_all(T "/f", T "/d/f", NULL);
	CHECK_GUARD("setuid", rows);
}

static void without_new_privileges_a_set_user_id_program_is_a_plain_one(void **state)
{
	static const struct row rows[] = { { "exec " T "/suid", "ok" } };

	(void)state;
	make_suid(T "/suid", 1000, 0, 04755);
	check_rows(POLICY_OPEN "process: {no_new_privs: true}\n", rows, ARRAY_SIZE(rows));
}

static void executing_what_has_no_path_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "memfd 9", "ok" },
		{ "fd-copy 9 " ACT, "ok" },
		{ "hold 8 r /proc/self/fd/9", "ok" },
		{ "close 9", "ok" },
		{ "fd-map 8 r", "ok" },
		{ "fd-exec 8", "EPERM", ESCAPE("exec", "*", "fileless_exec") },
		{ "fd-map 8 rx", "EPERM", ESCAPE("map-exec", "*", "fileless_exec") },
		{ "exec /proc/self/fd/8", "EPERM", ESCAPE("exec", "*", "fileless_exec") },
	};

	(void)state;
	CHECK_GUARD("fileless_exec", rows);
}

static void privileges_that_reach_beyond_the_job_are_escapes(void **state)
{
	static const struct row rows[] = {
		{ "fork rtprio", "EPERM", ESCAPE("capability", "number 23", "capability") },
		{ "fork nice -5", "EACCES",
		  ESCAPE_AS("capability", "number 23", "capability", "EPERM") },
		{ "fork rlimit-up", "EPERM", ESCAPE("capability", "number 24", "capability") },
		{ "fanotify", "EPERM", ESCAPE("capability", "number 21", "capability") },
		{ "handle-open r " T "/f " T, "EPERM",
		  ESCAPE("capability", "number 2", "capability") },
	};

	(void)state;
	make(T "/f", "x");
	CHECK_GUARD("capability", rows);
}

/* Without any privilege, because the caller had such limits (ulimit -r, -e). */
static void priorities_that_the_callers_limits_give_are_escapes_too(void **state)
{
	static const char *const wrapper[] = { "prlimit", "--rtprio=10", "--nice=40", NULL };
	static const struct row refused[] = {
		{ "fork rtprio", "EPERM" },
		{ "fork nice -5", "EACCES" },
	};
	static const struct row free[] = {
		{ "fork rtprio", "ok" },
		{ "fork nice -5", "ok" },
	};
	struct job job = { .policy = POLICY_OPEN "process: {capabilities: []}\n"
						 "guards: {default: deny}\n",
			   .rows = refused,
			   .n_rows = ARRAY_SIZE(refused),
			   .wrapper = wrapper };
	struct outcome outcome = { 0 };

	(void)state;
	run_job(&job, &outcome);
	outcome_free(&outcome);
	job.policy = POLICY_OPEN "process: {capabilities: []}\n"
				 "guards: {default: deny, capability: allow}\n";
	job.rows = free;
	job.n_rows = ARRAY_SIZE(free);
	run_job(&job, &outcome);
	outcome_free(&outcome);
}

static void privileges_over_the_jobs_own_files_are_free(void **state)
{
	static const struct row rows[] = {
		{ "chown " T "/f 1000", "ok" },	  { "open rw " T "/f", "ok" },
		{ "chmod " T "/f 0600", "ok" },	  { "setxattr " T "/f trusted.x", "ok" },
		{ "mkchr " T "/null 1 3", "ok" }, { "fork nice 5", "ok" },
	};

	(void)state;
	make(T "/f", "x");
	check_rows(POLICY_OPEN "guards: {default: deny}\n", rows, ARRAY_SIZE(rows));
}

static void setting_the_clock_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "clock", "EPERM", ESCAPE("capability", "number 25", "clock") },
		{ "adjtime", "EPERM", ESCAPE("capability", "number 25", "clock") },
	};

	(void)state;
	CHECK_GUARD("clock", rows);
}

static void restarting_the_host_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "reboot", "EPERM", ESCAPE("capability", "number 22", "reboot") },
		{ "reboot-cad", "EPERM", ESCAPE("capability", "number 22", "reboot") },
	};
	static const char *const allowed[] = { "EINVAL", "ok" };

	(void)state;
	CHECK_GUARD_RESULTS("reboot", rows, allowed);
}

static void the_kernels_log_is_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "klog 10", "EPERM", ESCAPE("syslog", "number 10", "syslog") },
		{ "open r /dev/kmsg", "EPERM", ESCAPE("syslog", "*", "syslog") },
		{ "open r /proc/kmsg", "EPERM", ESCAPE("syslog", "number 1", "syslog") },
	};

	(void)state;
	CHECK_GUARD("syslog", rows);
}

static void disk_quotas_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "quota-sync", "EPERM", ESCAPE("quota", "number 8388609", "quota") },
	};

	(void)state;
	CHECK_GUARD("quota", rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(taking_another_identity_is_an_escape),
		TEST(leaving_a_program_that_lends_an_identity_is_an_escape),
		TEST(without_new_privileges_a_set_user_id_program_is_a_plain_one),
		TEST(executing_what_has_no_path_is_an_escape),
		TEST(privileges_that_reach_beyond_the_job_are_escapes),
		TEST(priorities_that_the_callers_limits_give_are_escapes_too),
		TEST(privileges_over_the_jobs_own_files_are_free),
		TEST(setting_the_clock_is_an_escape),
		TEST(restarting_the_host_is_an_escape),
		TEST(the_kernels_log_is_out_of_reach),
		TEST(disk_quotas_are_out_of_reach),
	};

	return RUN_SUITE("guards_privilege", tests);
}

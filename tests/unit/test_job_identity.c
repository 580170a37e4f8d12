// SPDX-License-Identifier: GPL-2.0-only
/* Who the command is, which limits each of its processes has, and what it finds in its environment.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <sys/capability.h>
#include <sys/stat.h>

/* Runs a script under the policy (with what POLICY_OPEN says) and gives its first line. */
static const char *line_of(const char *policy, const char *script)
{
	static char line[512];
	sbx_cleanup(sbx_fclosep) FILE *file = NULL;
	char text[512];
	char full[512];

	(void)snprintf(text, sizeof(text), POLICY_OPEN "%s", policy);
	load_policy(text);
	(void)snprintf(full, sizeof(full), "{ %s; } > %s/out", script, fixture.dir);
	assert_int_equal(chmod(fixture.dir, 0777), 0);
	(void)unlink(file_in_dir("out"));
	assert_int_equal(run_shell(full), 0);
	file = fopen(file_in_dir("out"), "re");
	assert_non_null(file);
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

#define IDS "echo $(grep -E '^(Uid|Gid|Groups):' /proc/self/status)"
#define CAPS "echo $(grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' /proc/self/status)"

static void user_and_groups_are_the_policys(void **state)
{
	(void)state;
	need_cgroup2();
	assert_string_equal(line_of("process: {user: nobody}\n", IDS),
			    "Uid: 65534 65534 65534 65534 Gid: 65534 65534 65534 65534 "
			    "Groups: 65534");
	assert_string_equal(
		line_of("process: {user: 4321, group: daemon, groups: [7, bin]}\n", IDS),
		"Uid: 4321 4321 4321 4321 Gid: 1 1 1 1 Groups: 2 7");
	assert_string_equal(line_of("process: {groups: []}\n", "id -G"), "0");
}

static void a_user_that_is_not_there_stops_the_run(void **state)
{
	char *argv[] = { (char[]){ "/bin/true" }, NULL };

	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "process: {user: no-such-user}\n");
	assert_int_equal(run_argv(argv), SBX_EXIT_FAILURE);
	assert_reason("setup");
	load_policy(POLICY_OPEN "process: {user: 4321}\n"); /* which group? */
	assert_int_equal(run_argv(argv), SBX_EXIT_FAILURE);
	assert_clean();
}

static void only_the_kept_capabilities_are_left(void **state)
{
	const char *kept = "CapInh: 0000000000000401 CapPrm: 0000000000000401 "
			   "CapEff: 0000000000000401 CapBnd: 0000000000000401 "
			   "CapAmb: 0000000000000401";
	const char *none = "CapInh: 0000000000000000 CapPrm: 0000000000000000 "
			   "CapEff: 0000000000000000 CapBnd: 0000000000000000 "
			   "CapAmb: 0000000000000000";

	(void)state;
	need_cgroup2();
	assert_string_equal(line_of("process: {capabilities: [chown, net_bind_service]}\n", CAPS),
			    kept);
	assert_string_equal(
		line_of("process: {user: nobody, capabilities: [CAP_CHOWN, net_bind_service]}\n",
			CAPS),
		kept);
	assert_string_equal(line_of("process: {capabilities: []}\n", CAPS), none);
	/* without the key root stays root ... */
	assert_null(strstr(line_of("", CAPS), "CapPrm: 0000000000000000"));
	/* ... and another user has none but what set-user-ID programs would give */
	assert_non_null(strstr(line_of("process: {user: nobody}\n", CAPS),
			       "CapPrm: 0000000000000000 CapEff: 0000000000000000"));
}

static void securebits_are_set_and_locked(void **state)
{
	(void)state;
	need_cgroup2();
	/* noroot: the id 0 alone gives nothing at an exec */
	assert_non_null(
		strstr(line_of("process: {capabilities: [chown], securebits: noroot}\n", CAPS),
		       "CapEff: 0000000000000001 CapBnd: 0000000000000001"));
	assert_string_equal(
		line_of("process: {securebits: [noroot, no_setuid_fixup]}\n",
			"python3 -c 'import ctypes; print(ctypes.CDLL(None).prctl(27))'"),
		"15");
}

static void limits_of_single_processes_are_set(void **state)
{
	(void)state;
	need_cgroup2();
	assert_string_equal(
		line_of("limits: {cpu_time: 1m, address_space: 1G, file_size: 2M, open_files: 77, "
			"processes: 99, stack: 4M, core: 1M}\n",
			"echo $(ulimit -S -t) $(ulimit -H -t) $(ulimit -v) $(ulimit -f) "
			"$(ulimit -H -n) $(ulimit -p) $(ulimit -s) $(ulimit -c)"),
		"60 61 1048576 4096 77 99 4096 2048");
	assert_string_equal(line_of("", "ulimit -c"), "0");
}

static void the_limit_that_ended_the_command_is_named(void **state)
{
	char *spin[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, (char[]){ "while :; do :; done" },
			 NULL };
	char *grow[] = { (char[]){ "/bin/dd" }, (char[]){ "if=/dev/zero" }, NULL,
			 (char[]){ "bs=1M" },	(char[]){ "count=8" },	    NULL };
	char of[160];
	json_t *limits;

	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "limits: {cpu_time: 1s}\n");
	assert_int_equal(run_argv(spin), 128 + SIGXCPU);
	assert_reason("limit");
	limits = json_object_get(fixture.json, "limits");
	assert_true(json_is_true(json_object_get(json_object_get(limits, "cpu_time"), "hit")));
	load_policy(POLICY_OPEN "limits: {file_size: 1M, cpu_time: 1m}\n");
	(void)snprintf(of, sizeof(of), "of=%s/big", fixture.dir);
	grow[2] = of;
	assert_int_equal(run_argv(grow), 128 + SIGXFSZ);
	assert_reason("limit");
	limits = json_object_get(fixture.json, "limits");
	assert_true(json_is_true(json_object_get(json_object_get(limits, "file_size"), "hit")));
	assert_true(json_is_false(json_object_get(json_object_get(limits, "cpu_time"), "hit")));
	assert_true(json_is_null(json_object_get(json_object_get(limits, "cpu_time"), "kept")));
}

static void the_callers_preloads_do_not_reach_the_command(void **state)
{
	char *const caller[] = { (char[]){ "LD_PRELOAD=/x" }, (char[]){ "LD_AUDIT=/y" },
				 (char[]){ "A=1" }, (char[]){ "B=2" }, NULL };
	char *pass[] = { (char[]){ "LD_AUDIT" }, NULL };
	char *unset[] = { (char[]){ "B" }, NULL };
	struct sbx_process process = { .env_clear = false, .env_unset = unset };
	char **env = NULL;

	(void)state;
	assert_int_equal(sbx_env_build(&process, NULL, caller, "j", "p", &env), 0);
	assert_null(sbx_env_get(env, "LD_PRELOAD"));
	assert_null(sbx_env_get(env, "LD_AUDIT"));
	assert_null(sbx_env_get(env, "B"));
	assert_string_equal(sbx_env_get(env, "A"), "1");
	sbx_env_free(env);
	process.env_pass = pass;
	assert_int_equal(sbx_env_build(&process, NULL, caller, "j", "p", &env), 0);
	assert_string_equal(sbx_env_get(env, "LD_AUDIT"), "/y");
	assert_null(sbx_env_get(env, "LD_PRELOAD"));
	sbx_env_free(env);
}

static void another_users_home_takes_the_callers_place(void **state)
{
	char *const caller[] = { (char[]){ "HOME=/root" }, (char[]){ "USER=root" }, NULL };
	char *pass[] = { (char[]){ "HOME" }, NULL };
	const struct sbx_process process = { .env_clear = true,
					     .env_pass = pass,
					     .user = (char[]){ "nobody" } };
	const struct sbx_identity who = { .change = true, .name = "nobody", .home = "/nowhere" };
	char **env = NULL;

	(void)state;
	assert_int_equal(sbx_env_build(&process, &who, caller, "j", "p", &env), 0);
	assert_string_equal(sbx_env_get(env, "HOME"), "/nowhere");
	assert_null(sbx_env_get(env, "USER")); /* not passed: not made up */
	sbx_env_free(env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(user_and_groups_are_the_policys),
		JOB_TEST(a_user_that_is_not_there_stops_the_run),
		JOB_TEST(only_the_kept_capabilities_are_left),
		JOB_TEST(securebits_are_set_and_locked),
		JOB_TEST(limits_of_single_processes_are_set),
		JOB_TEST(the_limit_that_ended_the_command_is_named),
		JOB_TEST(the_callers_preloads_do_not_reach_the_command),
		JOB_TEST(another_users_home_takes_the_callers_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

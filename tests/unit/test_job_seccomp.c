// SPDX-License-Identifier: GPL-2.0-only
/* The filter of system calls: what a process under it gets, call by call, from this kernel. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "policy/syscalls.h"

#define PROCESS(text) POLICY_OPEN "process: {seccomp: " text "}\n"
#define DIED 1000 /* + the signal */

typedef long (*call_fn)(void);

/* What `call` came to in a process under the policy's filter: 0, its errno, or DIED + signal. */
static int under(const char *policy, bool kernel_guards, call_fn call)
{
	struct sbx_filter filter = { 0 };
	struct sbx_error err = { 0 };
	int status;
	pid_t pid;

	load_policy(policy);
	assert_int_equal(
		sbx_seccomp_build(fixture.policy, fixture.compiled, kernel_guards, &filter, &err),
		0);
	pid = fork();
	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbx_filter_install(&filter))
			_exit(255);
		_exit(call() < 0 ? errno : 0);
	}
	sbx_filter_free(&filter);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? DIED + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Calls with arguments that the kernel itself refuses otherwise: nothing on the host changes. */
static long call_swapon(void)
{
	return syscall(SYS_swapon, "/nonexistent", 0);
}

static long call_sethostname(void)
{
	return syscall(SYS_sethostname, NULL, 1);
}

static long call_keyctl(void)
{
	return syscall(SYS_keyctl, -1, 0, 0, 0, 0);
}

static long call_mount(void)
{
	return syscall(SYS_mount, NULL, "/nonexistent", NULL, 0, NULL);
}

static long call_unshare_files(void)
{
	return syscall(SYS_unshare, CLONE_FILES);
}

static long call_unshare_uts(void)
{
	return syscall(SYS_unshare, CLONE_NEWUTS);
}

static long call_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0);
}

static long call_realtime(void)
{
	/* bits above an int are none of the kernel's, nor RESET_ON_FORK of the policy's */
	return syscall(SYS_sched_setscheduler, 0, 0xf0000000000001ul | 0x40000000, NULL);
}

static long call_batch(void)
{
	struct sched_param param = { 0 };

	return syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param);
}

static long call_personality_ask(void)
{
	return syscall(SYS_personality, 0xffffffff);
}

static long call_personality_32(void)
{
	return syscall(SYS_personality, 8);
}

static long call_personality_exec(void)
{
	return syscall(SYS_personality, READ_IMPLIES_EXEC);
}

static long call_personality_hidden(void)
{
	return syscall(SYS_personality, 0x80000000 | READ_IMPLIES_EXEC);
}

static long call_netlink(void)
{
	return syscall(SYS_socket, 0x100000000l | AF_NETLINK, SOCK_RAW, 0);
}

static long call_unix(void)
{
	return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long call_vsock(void)
{
	return syscall(SYS_socket, 40, SOCK_STREAM, 0);
}

static long call_memfd(void)
{
	return syscall(SYS_memfd_create, "x", 0);
}

static long call_tiocsti(void)
{
	return ioctl(-1, TIOCSTI, "");
}

static long call_ioctl(void)
{
	return ioctl(-1, TIOCGWINSZ, NULL);
}

static long call_getpid(void)
{
	return syscall(SYS_getpid);
}

static long call_kcmp(void)
{
	return syscall(SYS_kcmp, -1, -1, 0, 0, 0);
}

static long call_unnamed(void)
{
	return syscall(SBX_SYSCALLS_MAX - 1); /* nobody has named it yet */
}

#if defined(__x86_64__)
static long call_x32(void)
{
	return syscall(0x40000000 | SYS_getpid);
}
#endif

static void the_default_refuses_what_has_no_hook(void **state)
{
	const char *policy = PROCESS("default");

	(void)state;
	assert_int_equal(under(policy, true, call_swapon), EPERM);
	assert_int_equal(under(policy, true, call_sethostname), EPERM);
	assert_int_equal(under(policy, true, call_realtime), EPERM);
	assert_int_equal(under(policy, true, call_batch), 0);
	assert_int_equal(under(policy, true, call_getpid), 0);
	assert_int_equal(under(policy, true, call_unshare_files), 0);
	assert_int_equal(under(policy, true, call_kcmp), ESRCH); /* the kernel's own answer */
}

static void the_default_leaves_to_guards_what_they_see(void **state)
{
	const char *policy = PROCESS("default");

	(void)state;
	assert_int_not_equal(under(policy, true, call_mount), EPERM);
	assert_int_equal(under(policy, false, call_mount), EPERM);
	assert_int_not_equal(under(policy, true, call_clone3), ENOSYS);
	assert_int_equal(under(policy, false, call_clone3), ENOSYS);
	assert_int_equal(under(policy, false, call_unshare_uts), EPERM);
	assert_int_equal(under(policy, false, call_unshare_files), 0);
	assert_int_equal(under(policy, false, call_memfd), ENOSYS);
	assert_int_equal(under(policy, false, call_tiocsti), EPERM);
	assert_int_equal(under(policy, false, call_ioctl), EBADF);
}

static void guards_decide_where_the_filter_stands_in_for_them(void **state)
{
	const char *policy = POLICY_OPEN "guards: {mount: allow, namespace: kill, vsock: allow}\n";

	(void)state;
	assert_int_not_equal(under(policy, false, call_mount), EPERM);
	assert_int_equal(under(policy, false, call_unshare_uts), DIED + SIGSYS);
	assert_int_equal(under(policy, false, call_vsock) == EPERM, 0);
	assert_int_equal(under(POLICY_OPEN, false, call_vsock), EPERM);
	assert_int_equal(under(POLICY_OPEN, false, call_swapon), EPERM);
	assert_int_equal(under(POLICY_OPEN "guards: {kernel_control: allow}\n", false, call_swapon),
			 ENOENT); /* profile none */
}

static void families_are_the_policys(void **state)
{
	(void)state;
	assert_int_equal(under(POLICY_OPEN, false, call_netlink), EAFNOSUPPORT);
	assert_int_equal(under(POLICY_OPEN, true, call_netlink), 0);
	assert_int_equal(under(POLICY_OPEN, false, call_unix), 0);
}

static void personality_is_one_of_the_usual(void **state)
{
	const char *policy = PROCESS("default");

	(void)state;
	assert_int_equal(under(policy, true, call_personality_ask), 0);
	assert_int_equal(under(policy, true, call_personality_32), 0);
	assert_int_equal(under(policy, true, call_personality_exec), EPERM);
	assert_int_equal(under(policy, true, call_personality_hidden), EPERM);
	assert_int_equal(under(PROCESS("none"), true, call_personality_exec), 0);
}

static void strict_lets_only_its_list_pass(void **state)
{
	const char *policy = PROCESS("strict");

	(void)state;
	assert_int_equal(under(policy, true, call_kcmp), EPERM);
	assert_int_equal(under(policy, true, call_unnamed), ENOSYS);
	assert_int_equal(under(policy, true, call_getpid), 0);
	assert_int_equal(under(policy, true, call_batch), 0);
	assert_int_equal(under(policy, true, call_realtime), EPERM);
}

static void lists_add_to_and_take_from_the_profile(void **state)
{
	(void)state;
	assert_int_equal(under(PROCESS("{profile: default, allow: [swapon]}"), true, call_swapon),
			 ENOENT);
	assert_int_equal(under(PROCESS("{profile: strict, allow: [kcmp]}"), true, call_kcmp),
			 ESRCH);
	assert_int_equal(under(PROCESS("{deny: [getpid]}"), true, call_getpid), EPERM);
	assert_int_equal(under(PROCESS("{errno: EACCES, deny: getpid}"), true, call_getpid),
			 EACCES);
	assert_int_equal(under(PROCESS("{errno: EACCES, deny: [{errno: ENOSYS, calls: [keyctl]}]}"),
			       true, call_keyctl),
			 ENOSYS);
	assert_int_equal(under(PROCESS("{kill: [getpid]}"), true, call_getpid), DIED + SIGSYS);
	assert_int_equal(under(PROCESS("{log: [getpid]}"), true, call_getpid), 0);
}

static void mode_audit_refuses_nothing(void **state)
{
	(void)state;
	assert_int_equal(under(PROCESS("{profile: default, kill: [getpid]}") "mode: audit\n", false,
			       call_getpid),
			 0);
	assert_int_equal(under(PROCESS("default") "mode: audit\n", true, call_swapon), ENOENT);
	assert_int_equal(under(PROCESS("default") "mode: audit\n", false, call_netlink), 0);
}

#if defined(__x86_64__)
static void other_entries_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(under(PROCESS("default"), true, call_x32), ENOSYS);
}
#endif

/* The profiles' names are calls of some architecture, so that no row is a slip of the pen. */
static void every_row_names_a_call(void **state)
{
	(void)state;
	for (const struct sbx_call_row *row = sbx_seccomp_default; row->call; row++) {
		if (sbx_syscall_from_str(row->call) < 0 &&
		    seccomp_syscall_resolve_name(row->call) == __NR_SCMP_ERROR)
			fail_msg("%s is no call", row->call);
	}
	for (const char *const *name = sbx_seccomp_strict; *name; name++) {
		if (sbx_syscall_from_str(*name) < 0 &&
		    seccomp_syscall_resolve_name(*name) == __NR_SCMP_ERROR)
			fail_msg("%s is no call", *name);
	}
}

static int run_result(const char *policy, const char *script)
{
	need_cgroup2();
	load_policy(policy);
	return run_shell(script);
}

static void a_job_runs_under_its_filter(void **state)
{
	(void)state;
	assert_int_equal(run_result(PROCESS("strict"),
				    "grep -q '^Seccomp:.2' /proc/self/status && ls / | sort > "
				    "/dev/null && python3 -c 'import subprocess; "
				    "subprocess.run([\"true\"])'"),
			 0);
	assert_int_equal(run_result(PROCESS("none"), "grep -q '^Seccomp:.0' /proc/self/status"), 0);
}

static void a_death_by_the_filter_is_told(void **state)
{
	json_t *exit;

	(void)state;
	assert_int_equal(run_result(PROCESS("{kill: [getcwd, chroot]}"), "exec /bin/pwd"),
			 128 + SIGSYS);
	exit = json_object_get(fixture.json, "exit");
	assert_string_equal(json_string_value(json_object_get(exit, "reason")), "seccomp");
	assert_string_equal(json_string_value(json_object_get(exit, "signal")), "SIGSYS");
	assert_non_null(strstr(json_string_value(json_object_get(exit, "message")), "getcwd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(the_default_refuses_what_has_no_hook),
		JOB_TEST(the_default_leaves_to_guards_what_they_see),
		JOB_TEST(guards_decide_where_the_filter_stands_in_for_them),
		JOB_TEST(families_are_the_policys),
		JOB_TEST(personality_is_one_of_the_usual),
		JOB_TEST(strict_lets_only_its_list_pass),
		JOB_TEST(lists_add_to_and_take_from_the_profile),
		JOB_TEST(mode_audit_refuses_nothing),
#if defined(__x86_64__)
		JOB_TEST(other_entries_do_not_exist),
#endif
		JOB_TEST(every_row_names_a_call),
		JOB_TEST(a_job_runs_under_its_filter),
		JOB_TEST(a_death_by_the_filter_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

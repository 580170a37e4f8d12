// SPDX-License-Identifier: GPL-2.0-only
/* What the command finds when it starts, and how it is signalled. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>

static void the_environment_is_exactly_what_the_policy_says(void **state)
{
	char *const caller[] = { (char[]){ "PATH=/bin" }, (char[]){ "SECRET=x" },
				 (char[]){ "LANG=C" }, NULL };
	struct sbx_env_pair set[] = { { (char[]){ "CI" }, (char[]){ "1" } },
				      { (char[]){ "LANG" }, (char[]){ "de_DE" } } };
	char *pass[] = { (char[]){ "PATH" }, (char[]){ "LANG" }, (char[]){ "ABSENT" }, NULL };
	const struct sbx_process process = {
		.env_clear = true, .env_pass = pass, .env_set = set, .n_env_set = 2
	};
	const char *const want[] = { "PATH=/bin", "LANG=de_DE",	   "CI=1",
				     "SBX_BPF=1", "SBX_BPF_JOB=j", "SBX_BPF_POLICY=p" };
	char **env = NULL;

	(void)state;
	assert_int_equal(sbx_env_build(&process, NULL, caller, "j", "p", &env), 0);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(want); i++)
		assert_string_equal(env[i], want[i]);
	assert_null(env[SBX_ARRAY_SIZE(want)]);
	sbx_env_free(env);
}

static void an_environment_that_is_kept_loses_nothing_but_duplicates(void **state)
{
	char *const caller[] = { (char[]){ "A=1" }, (char[]){ "A=2" }, (char[]){ "noequals" },
				 (char[]){ "SBX_BPF=fake" }, NULL };
	const struct sbx_process process = { .env_clear = false };
	char **env = NULL;

	(void)state;
	assert_int_equal(sbx_env_build(&process, NULL, caller, "j", "p", &env), 0);
	assert_string_equal(sbx_env_get(env, "A"), "1");
	assert_string_equal(sbx_env_get(env, "SBX_BPF"), "1");
	assert_null(sbx_env_get(env, "noequals"));
	sbx_env_free(env);
}

/* Runs a script under the policy and reads the first line of its file `out`. */
static void run_and_read(const char *script, char *line, int size)
{
	sbx_cleanup(sbx_fclosep) FILE *file = NULL;
	char full[512];

	(void)snprintf(full, sizeof(full), "{ %s; } > %s/out", script, fixture.dir);
	assert_int_equal(run_shell(full), 0);
	file = fopen(file_in_dir("out"), "re");
	assert_non_null(file);
	if (!fgets(line, size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static void umask_and_workdir_are_the_policys(void **state)
{
	char line[128];

	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "process: {workdir: /usr/bin, umask: \"0027\"}\n");
	run_and_read("echo $(umask) $(pwd)", line, sizeof(line));
	assert_string_equal(line, "0027 /usr/bin");
}

static void disturb_signals(void)
{
	sigset_t blocked;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static void privileges_cores_and_signals_are_reset(void **state)
{
	char line[128];

	(void)state;
	need_cgroup2();
	before_launch = disturb_signals;
	/* grep itself, not the shell: shells set handlers of their own */
	run_and_read("exec grep -cE '^(NoNewPrivs:.1|Sig(Ign|Blk):.0000000000000000)$' "
		     "/proc/self/status",
		     line, sizeof(line));
	assert_string_equal(line, "3");
	run_and_read("ulimit -c", line, sizeof(line));
	assert_string_equal(line, "0");
}

static void the_command_is_in_the_jobs_cgroup_and_a_session_of_its_own(void **state)
{
	char line[256];

	(void)state;
	need_cgroup2();
	run_and_read("grep ^0: /proc/self/cgroup", line, sizeof(line));
	assert_non_null(strstr(line, "/sbx-test-"));
	assert_non_null(strstr(line, "/test-")); /* the job's, named after the policy */
	run_and_read("read -r pid comm st ppid pgrp sid rest < /proc/$$/stat; echo $((pid - sid))",
		     line, sizeof(line));
	assert_string_equal(line, "0");
}

static void descriptors_above_2_are_closed(void **state)
{
	char line[128];
	int extra = open("/dev/null", O_RDONLY); /* no CLOEXEC, as from a careless caller */

	(void)state;
	need_cgroup2();
	run_and_read("ls /proc/self/fd | tr '\\n' ' '", line, sizeof(line));
	(void)close(extra);
	assert_string_equal(line, "0 1 2 3 "); /* 3 is ls's own */
}

static void a_kept_descriptor_stays_and_others_do_not(void **state)
{
	char policy[256];
	char line[128];
	char want[64];
	int kept;

	(void)state;
	need_cgroup2();
	kept = fcntl(open(file_in_dir("kept"), O_RDWR | O_CREAT | O_CLOEXEC, 0600), F_DUPFD, 20);
	(void)snprintf(policy, sizeof(policy), POLICY_OPEN "process: {descriptors: {keep: [%d]}}\n",
		       kept);
	load_policy(policy);
	run_and_read("ls /proc/self/fd | sort -n | tr '\\n' ' '", line, sizeof(line));
	(void)close(kept);
	(void)snprintf(want, sizeof(want), "0 1 2 3 %d ", kept);
	assert_string_equal(line, want);
}

static void a_descriptor_to_keep_must_be_the_callers(void **state)
{
	int keep[] = { 99 };
	struct sbx_policy policy = { .process = { .keep_fds = keep, .n_keep_fds = 1 } };
	struct sbx_error err = { 0 };
	int own;

	(void)state;
	assert_int_equal(sbx_job_check_descriptors(&policy, &err), -EBADF);
	own = fcntl(0, F_DUPFD_CLOEXEC, 99); /* as sbx-bpf opens its own */
	assert_int_equal(own, 99);
	assert_int_equal(sbx_job_check_descriptors(&policy, &err), -EBADF);
	(void)close(own);
}

static void an_inet_socket_on_stdin_is_refused_and_a_unix_one_is_not(void **state)
{
	const struct sbx_policy policy = { 0 };
	struct sbx_error err = { 0 };
	int saved = dup(0);
	int inet = socket(AF_INET, SOCK_STREAM, 0);
	int unix_fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(dup2(inet, 0), 0);
	assert_int_equal(sbx_job_check_descriptors(&policy, &err), -EINVAL);
	assert_non_null(strstr(err.text, "descriptor 0"));
	assert_true(*err.cure);
	assert_int_equal(dup2(unix_fd, 0), 0);
	assert_int_equal(sbx_job_check_descriptors(&policy, &err), 0);
	assert_int_equal(dup2(saved, 0), 0);
	(void)close(inet);
	(void)close(unix_fd);
	(void)close(saved);
}

static void a_passed_file_may_be_opened_again_and_the_log_not_changed(void **state)
{
	sbx_cleanup(sbx_closep) int file = open(file_in_dir("in"), O_RDONLY | O_CREAT, 0600);
	struct sbx_error err = { 0 };
	int saved = dup(0);
	bool read_rule = false;
	bool protect = false;

	(void)state;
	assert_int_equal(dup2(file, 0), 0);
	assert_int_equal(
		sbx_job_add_rules(fixture.policy, file_in_dir("log.jsonl"), NULL, false, &err), 0);
	assert_int_equal(dup2(saved, 0), 0);
	(void)close(saved);
	for (size_t i = 0; i < fixture.policy->n_paths; i++) {
		const struct sbx_path_rule *rule = &fixture.policy->paths[i];

		if (!strcmp(rule->path, file_in_dir("in")))
			read_rule = !rule->deny && rule->rights == SBX_RIGHT_READ;
		if (!strcmp(rule->path, file_in_dir("log.jsonl")))
			protect = rule->deny && (rule->rights & SBX_RIGHT_WRITE) &&
				  !(rule->rights & SBX_RIGHT_READ);
	}
	assert_true(read_rule);
	assert_true(protect);
}

static bool is_protected(const char *path)
{
	for (size_t i = 0; i < fixture.policy->n_paths; i++) {
		const struct sbx_path_rule *rule = &fixture.policy->paths[i];

		if (rule->deny && (rule->rights & SBX_RIGHT_CREATE) && !strcmp(rule->path, path))
			return true;
	}
	return false;
}

/* Else the job could put another log, or another policy for the next run, in place of the link. */
static void what_sbx_bpf_writes_is_out_of_reach_through_links_and_dots(void **state)
{
	sbx_cleanup(sbx_closep) int file = open(file_in_dir("target"), O_RDONLY | O_CREAT, 0600);
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(mkdir(file_in_dir("sub"), 0700), 0);
	assert_int_equal(symlink("target", file_in_dir("link")), 0);
	assert_int_equal(
		sbx_job_add_rules(fixture.policy, file_in_dir("sub/../link"), NULL, false, &err),
		0);
	assert_true(is_protected(file_in_dir("link")));
	assert_true(is_protected(file_in_dir("target")));
	assert_false(is_protected(file_in_dir("sub")));
}

static void links_of_the_longest_existing_prefix_are_resolved(void **state)
{
	char link[160];
	char path[200];
	char want[200];
	char out[512];

	(void)state;
	(void)strcpy(link, file_in_dir("link"));
	assert_int_equal(symlink(".", link), 0);
	(void)snprintf(path, sizeof(path), "%s/link/a/b", fixture.dir);
	(void)snprintf(want, sizeof(want), "%s/a/b", fixture.dir);
	assert_int_equal(sbx_job_resolve(path, out, sizeof(out), NULL), 0);
	assert_string_equal(out, want);
	(void)snprintf(path, sizeof(path), "%s/link/x*/y", fixture.dir);
	(void)snprintf(want, sizeof(want), "%s/x*/y", fixture.dir);
	assert_int_equal(sbx_job_resolve(path, out, sizeof(out), NULL), 0);
	assert_string_equal(out, want);
	assert_int_equal(sbx_job_resolve("/", out, sizeof(out), NULL), 0);
	assert_string_equal(out, "/");
	assert_int_equal(sbx_job_resolve("/no-such/x", out, sizeof(out), NULL), 0);
	assert_string_equal(out, "/no-such/x");
	assert_int_equal(sbx_job_resolve("/*/x", out, sizeof(out), NULL), 0);
	assert_string_equal(out, "/*/x");
	assert_int_equal(sbx_job_resolve(path, out, 8, NULL), -ENAMETOOLONG);
}

static void a_resolver_that_remembers_gives_the_same_answers(void **state)
{
	static const char *const names[] = { "/a/b",	  "/link/a/b",	 "/link/a",   "/link",
					     "/dangling", "/dangling/x", "/file/x",   "/loop/x",
					     "/root/etc", "/root",	 "/link/l*/x" };
	struct sbx_resolver *resolver = sbx_resolver_new(NULL, NULL);

	(void)state;
	assert_int_equal(symlink(".", file_in_dir("link")), 0);
	assert_int_equal(symlink("/no/such", file_in_dir("dangling")), 0);
	assert_int_equal(symlink("loop", file_in_dir("loop")), 0);
	assert_int_equal(symlink("/", file_in_dir("root")), 0);
	assert_int_equal(close(open(file_in_dir("file"), O_WRONLY | O_CREAT, 0600)), 0);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < SBX_ARRAY_SIZE(names); i++) {
			char path[200];
			char once[512];
			char again[512];

			(void)snprintf(path, sizeof(path), "%s%s", fixture.dir, names[i]);
			assert_int_equal(sbx_job_resolve(path, once, sizeof(once), NULL), 0);
			assert_int_equal(sbx_job_resolve(path, again, sizeof(again), resolver), 0);
			assert_string_equal(once, again);
		}
	}
	sbx_resolver_free(resolver);
}

static void a_link_to_nowhere_keeps_its_name_and_one_to_the_root_is_followed(void **state)
{
	char path[200];
	char out[512];

	(void)state;
	assert_int_equal(symlink("/no/such", file_in_dir("dangling")), 0);
	assert_int_equal(symlink("/", file_in_dir("root")), 0);
	(void)snprintf(path, sizeof(path), "%s/dangling/x", fixture.dir);
	assert_int_equal(sbx_job_resolve(path, out, sizeof(out), NULL), 0);
	assert_string_equal(out, path);
	(void)snprintf(path, sizeof(path), "%s/root/usr/x", fixture.dir);
	assert_int_equal(sbx_job_resolve(path, out, sizeof(out), NULL), 0);
	assert_string_equal(out, "/usr/x");
	(void)snprintf(path, sizeof(path), "%s/root", fixture.dir);
	assert_int_equal(sbx_job_resolve(path, out, sizeof(out), NULL), 0);
	assert_string_equal(out, "/");
}

/* Starts a script that says when it is ready, and waits for that. */
static pid_t start_ready(const char *script)
{
	char full[512];
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, full, NULL };
	struct sbx_run_options options;
	pid_t ready;
	pid_t pid;

	(void)snprintf(full, sizeof(full), "%s; echo $$ > %s/ready; while :; do sleep 0.05; done",
		       script, fixture.dir);
	options = default_options(argv);
	pid = start_launcher(&options, true);
	assert_int_equal(read_pids(file_in_dir("ready"), &ready, 1), 1);
	return pid;
}

static void signals_are_forwarded_to_the_command(void **state)
{
	static const struct {
		int number;
		const char *trap;
	} signals[] = { { SIGTERM, "trap 'exit 41' TERM" }, { SIGINT, "trap 'exit 42' INT" },
			{ SIGHUP, "trap 'exit 43' HUP" },   { SIGUSR1, "trap 'exit 44' USR1" },
			{ SIGUSR2, "trap 'exit 45' USR2" }, { SIGQUIT, "trap 'exit 46' QUIT" } };

	(void)state;
	need_cgroup2();
	for (size_t i = 0; i < SBX_ARRAY_SIZE(signals); i++) {
		pid_t pid = start_ready(signals[i].trap);

		(void)kill(pid, signals[i].number);
		assert_int_equal(wait_status(pid), 41 + (int)i);
		(void)unlink(file_in_dir("ready"));
	}
	assert_clean();
}

static void a_second_term_kills_what_ignored_the_first(void **state)
{
	pid_t pid;

	(void)state;
	need_cgroup2();
	pid = start_ready("trap '' TERM");
	(void)kill(pid, SIGTERM);
	sleep_ms(20);
	(void)kill(pid, SIGTERM); /* too soon: one request, told twice */
	sleep_ms(300);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	(void)kill(pid, SIGTERM);
	assert_int_equal(wait_status(pid), 128 + SIGKILL);
	read_result();
	assert_reason("cancelled");
	assert_clean();
}

static void ignore_hup(void)
{
	(void)signal(SIGHUP, SIG_IGN);
}

static void what_the_caller_ignores_is_not_forwarded(void **state)
{
	pid_t pid;

	(void)state;
	need_cgroup2();
	before_launch = ignore_hup;
	pid = start_ready("trap 'exit 43' HUP");
	(void)kill(pid, SIGHUP);
	sleep_ms(200);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	(void)kill(pid, SIGTERM);
	assert_int_equal(wait_status(pid), 128 + SIGTERM);
}

static void every_stage_has_a_name(void **state)
{
	(void)state;
	for (unsigned int stage = 1; stage < SBX_STAGE_MAX_; stage++)
		assert_string_not_equal(sbx_stage_name(stage), "an unknown step");
	assert_string_equal(sbx_stage_name(SBX_STAGE_MAX_), "an unknown step");
}

/* Starts a child with a join descriptor of the test's choice and reads its report. */
static struct sbx_stage_report report_of(const struct sbx_process *process, int join_fd,
					 const char *program)
{
	char *argv[] = { strdup(program), NULL };
	char *env[] = { NULL };
	const struct sbx_identity same = { 0 };
	const struct sbx_launch launch = { .argv = argv,
					   .env = env,
					   .process = process,
					   .limits = &fixture.policy->limits,
					   .identity = &same,
					   .workdir = process->workdir,
					   .cgroup_fd = -1,
					   .join_fd = join_fd };
	struct sbx_stage_report report = { 0 };
	struct sbx_child child;

	assert_int_equal(sbx_launch_start(&launch, &child, NULL), 0);
	(void)!read(child.status_fd, &report, sizeof(report)); /* end of file: all zero */
	(void)waitpid(child.pid, NULL, 0);
	(void)close(child.status_fd);
	(void)close(child.pid_fd);
	free(argv[0]);
	return report;
}

static void a_report_names_the_stage_that_failed(void **state)
{
	const struct sbx_process nowhere = { .workdir = (char[]){ "/no/such" },
					     .umask = SBX_UNSET,
					     .capabilities = SBX_CAPABILITIES_ALL };
	const struct sbx_process plain = { .umask = SBX_UNSET,
					   .capabilities = SBX_CAPABILITIES_ALL };
	sbx_cleanup(sbx_closep) int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sbx_cleanup(sbx_closep) int full_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct sbx_stage_report report;

	(void)state;
	report = report_of(&nowhere, null_fd, "true");
	assert_int_equal(report.stage, SBX_STAGE_WORKDIR);
	assert_int_equal(report.error, ENOENT);
	report = report_of(&plain, null_fd, "no-such-command");
	assert_int_equal(report.stage, SBX_STAGE_FIND);
	assert_int_equal(report.error, ENOENT);
	report = report_of(&plain, full_fd, "true");
	assert_int_equal(report.stage, SBX_STAGE_JOIN);
	assert_int_equal(report.error, ENOSPC);
	report = report_of(&plain, null_fd, "/etc/passwd");
	assert_int_equal(report.stage, SBX_STAGE_EXEC);
	assert_int_equal(report.error, EACCES);
	assert_string_equal(report.program, "/etc/passwd");
	report = report_of(&plain, null_fd, "true");
	assert_int_equal(report.stage, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(the_environment_is_exactly_what_the_policy_says),
		JOB_TEST(an_environment_that_is_kept_loses_nothing_but_duplicates),
		JOB_TEST(umask_and_workdir_are_the_policys),
		JOB_TEST(privileges_cores_and_signals_are_reset),
		JOB_TEST(the_command_is_in_the_jobs_cgroup_and_a_session_of_its_own),
		JOB_TEST(descriptors_above_2_are_closed),
		JOB_TEST(a_kept_descriptor_stays_and_others_do_not),
		JOB_TEST(a_descriptor_to_keep_must_be_the_callers),
		JOB_TEST(an_inet_socket_on_stdin_is_refused_and_a_unix_one_is_not),
		JOB_TEST(a_passed_file_may_be_opened_again_and_the_log_not_changed),
		JOB_TEST(what_sbx_bpf_writes_is_out_of_reach_through_links_and_dots),
		JOB_TEST(links_of_the_longest_existing_prefix_are_resolved),
		JOB_TEST(a_resolver_that_remembers_gives_the_same_answers),
		JOB_TEST(a_link_to_nowhere_keeps_its_name_and_one_to_the_root_is_followed),
		JOB_TEST(signals_are_forwarded_to_the_command),
		JOB_TEST(a_second_term_kills_what_ignored_the_first),
		JOB_TEST(what_the_caller_ignores_is_not_forwarded),
		JOB_TEST(every_stage_has_a_name),
		JOB_TEST(a_report_names_the_stage_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces, private directories and a read-only root: what a job sees, and what the host keeps.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <sys/stat.h>

/* For policies with a section `filesystem` of their own. */
#define HEAD "version: 1\nname: test\nnetwork: {mode: full}\n"

/* Runs a script under the policy and gives the first line that it wrote to descriptor 5. */
static const char *line_of(const char *policy, const char *script)
{
	static char line[512];
	sbx_cleanup(sbx_fclosep) FILE *file = NULL;
	char text[768];
	char full[768];
	int out = open(file_in_dir("out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int kept = fcntl(out, F_DUPFD, 5);

	(void)snprintf(text, sizeof(text), "%s%s",
		       strstr(policy, "filesystem:") ? HEAD : POLICY_OPEN, policy);
	(void)snprintf(full, sizeof(full), "{ %s; } >&%d", script, kept);
	load_policy(text);
	fixture.policy->process.keep_fds = malloc(sizeof(int));
	*fixture.policy->process.keep_fds = kept;
	fixture.policy->process.n_keep_fds = 1;
	assert_int_equal(run_shell(full), 0);
	(void)close(kept);
	(void)close(out);
	file = fopen(file_in_dir("out"), "re");
	assert_non_null(file);
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void the_command_is_alone_in_its_pid_namespace(void **state)
{
	(void)state;
	need_cgroup2();
	assert_string_equal(line_of("process: {namespaces: [pid]}\n", "echo $$"), "2");
	assert_string_equal(line_of("process: {namespaces: [pid]}\n",
				    "set -- /proc/[0-9]*; echo $(cat /proc/1/comm) $#"),
			    "sbx-bpf-keep 2"); /* it and sh */
	assert_string_equal(json_string_value(result_get("isolation", "namespaces")), "pid,mount");
	assert_clean();
}

static void statuses_and_signals_are_the_commands_own_in_a_pid_namespace(void **state)
{
	(void)state;
	need_cgroup2();
	load_policy(POLICY_OPEN "process: {namespaces: [pid, ipc, uts]}\n");
	assert_int_equal(run_shell("exit 7"), 7);
	assert_int_equal(run_shell("kill -9 $$"), 128 + SIGKILL);
	assert_reason("signaled");
	assert_int_equal(run_shell("kill -TERM $$"), 128 + SIGTERM);
	assert_int_equal(run_shell("no-such-command-here"), 127);
	assert_clean();
}

static void orphans_are_reaped_and_end_with_the_command(void **state)
{
	(void)state;
	need_cgroup2();
	/* the middle process ends at once: its child becomes number 1's and must not stay a zombie
	 */
	assert_string_equal(line_of("process: {namespaces: [pid]}\n",
				    "(sleep 0.1 & sleep 0.01) & wait; sleep 0.4; "
				    "echo $(grep -l 'State:.Z' /proc/[0-9]*/status | wc -l)"),
			    "0");
	load_policy(POLICY_OPEN "process: {namespaces: [pid]}\n");
	assert_int_equal(run_shell("(setsid sleep 60 &) ; exit 3"), 3);
	assert_clean();
}

static void nothing_is_left_when_the_launcher_is_killed(void **state)
{
	char full[256];
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, full, NULL };
	struct sbx_run_options options;
	pid_t launcher;
	pid_t keeper;
	pid_t pids[2];

	(void)state;
	need_cgroup2();
	load_policy(HEAD "process: {namespaces: [pid, ipc, uts, net, time, cgroup]}\n"
			 "filesystem: {default: allow, private: [/var/tmp]}\n");
	(void)snprintf(full, sizeof(full),
		       "grep NSpid /proc/self/status; echo 1 1 > %s/ready; "
		       "sleep 60",
		       fixture.dir);
	options = default_options(argv);
	launcher = start_launcher(&options, true);
	assert_int_equal(read_pids(file_in_dir("ready"), pids, 2), 2);
	(void)snprintf(full, sizeof(full), "pgrep -P %d -x sbx-bpf-keep > %s/keeper", launcher,
		       fixture.dir);
	assert_int_equal(system(full), 0);
	assert_int_equal(read_pids(file_in_dir("keeper"), &keeper, 1), 1);
	(void)kill(launcher, SIGKILL);
	(void)waitpid(launcher, NULL, 0);
	for (int i = 0; i < 1000 && alive(keeper); i++)
		sleep_ms(10);
	assert_false(alive(keeper));
	for (int i = 0; i < 1000 && access(fake_engine.root, F_OK) == 0 && rmdir(fake_engine.root);
	     i++)
		sleep_ms(10);
	assert_clean();
}

static void each_namespace_is_another_than_the_launchers(void **state)
{
	static const char *const names[] = { "ipc", "uts", "net", "mnt", "user", "cgroup", "time" };

	(void)state;
	need_cgroup2();
	for (size_t i = 0; i < SBX_ARRAY_SIZE(names); i++) {
		char own[128];
		char path[64];
		char policy[128];
		char script[128];
		ssize_t n;

		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, own, sizeof(own) - 1);
		if (n < 0)
			continue;
		own[n] = '\0';
		(void)snprintf(script, sizeof(script), "readlink %s", path);
		(void)snprintf(policy, sizeof(policy), "process: {namespaces: [%s]}\n",
			       strcmp(names[i], "mnt") ? names[i] : "mount");
		assert_string_equal(line_of("", script), own);
		assert_string_not_equal(line_of(policy, script), own);
		assert_string_not_equal(line_of(policy, script), "");
	}
	assert_clean();
}

static void host_name_loopback_and_clocks_are_the_jobs(void **state)
{
	(void)state;
	need_cgroup2();
	assert_string_equal(line_of("process: {hostname: inside.example}\n", "uname -n"),
			    "inside.example");
	assert_string_equal(line_of("process: {namespaces: net}\n",
				    "echo $(ls /sys/class/net > /dev/null; "
				    "grep -c . /proc/net/dev) $(cat /proc/net/if_inet6 | wc -l)"),
			    "3 1"); /* two lines of heading and lo; ::1 is there when lo is up */
	assert_string_equal(line_of("process: {namespaces: [time]}\n",
				    "read -r up rest < /proc/uptime; [ \"${up%.*}\" -lt 9 ] && "
				    "echo young"),
			    "young");
}

static void the_cgroup_namespace_begins_at_the_job(void **state)
{
	(void)state;
	need_cgroup2();
	assert_string_equal(
		line_of("process: {namespaces: [cgroup]}\n", "grep ^0: /proc/self/cgroup"), "0::/");
}

static void ids_of_a_user_namespace_are_mapped(void **state)
{
	struct stat st;

	(void)state;
	need_cgroup2();
	assert_string_equal(line_of("process: {id_map: [\"0:100000:1000\", \"65534:200000:1\"]}\n",
				    "echo $(id -u) $(id -g) $(echo $(cat /proc/self/uid_map))"),
			    "0 0 0 100000 1000 65534 200000 1");
	assert_int_equal(chmod(fixture.dir, 0777), 0);
	load_policy(POLICY_OPEN "process: {id_map: [\"0:100000:70000\"], user: nobody}\n");
	{
		char script[128];

		(void)snprintf(script, sizeof(script), ": > %s/made", fixture.dir);
		assert_int_equal(run_shell(script), 0);
	}
	assert_int_equal(stat(file_in_dir("made"), &st), 0);
	assert_int_equal(st.st_uid, 100000 + 65534);
	/* without a map the ids are as they were, and root has no power over the host */
	assert_string_equal(line_of("process: {namespaces: user}\n",
				    "hostname sbx-no-such 2> /dev/null && echo changed; id -u"),
			    "0");
}

static void private_directories_are_empty_and_go_with_the_job(void **state)
{
	(void)state;
	need_cgroup2();
	assert_int_equal(close(open("/var/tmp/sbx-host-file", O_WRONLY | O_CREAT, 0600)), 0);
	assert_string_equal(line_of("filesystem: {default: allow, private: [/var/tmp, /dev/shm]}\n",
				    "echo $(ls -A /var/tmp | wc -l) $(stat -c %a /var/tmp); "
				    ": > /var/tmp/sbx-inside; : > /dev/shm/sbx-inside"),
			    "0 1777");
	assert_int_not_equal(access("/var/tmp/sbx-inside", F_OK), 0);
	assert_int_not_equal(access("/dev/shm/sbx-inside", F_OK), 0);
	assert_int_equal(unlink("/var/tmp/sbx-host-file"), 0);
}

/* A policy with a root of this kind. */
static const char *with_root(const char *root)
{
	static char policy[512];

	(void)snprintf(policy, sizeof(policy), "filesystem: {default: allow, root: {%s}}\n", root);
	return policy;
}

static bool lists(const char *list, const char *path)
{
	json_t *paths = json_object_get(json_object_get(fixture.json, "changes"), list);
	json_t *item;
	size_t i;

	json_array_foreach (paths, i, item) {
		if (!strcmp(json_string_value(item), path))
			return true;
	}
	return false;
}

static void changes_to_an_overlay_root_are_thrown_away_and_listed(void **state)
{
	char script[512];
	char path[160];

	(void)state;
	need_cgroup2();
	assert_int_equal(close(open(file_in_dir("old"), O_WRONLY | O_CREAT, 0600)), 0);
	assert_int_equal(close(open(file_in_dir("gone"), O_WRONLY | O_CREAT, 0600)), 0);
	(void)snprintf(script, sizeof(script),
		       "cd %s && echo x > new && echo x > old && rm gone && mkdir d && "
		       ": > d/f && echo $(cat new old) $(ls | tr '\\n' ' ')",
		       fixture.dir);
	assert_string_equal(line_of(with_root("overlay: discard"), script),
			    "x x d jobs logs new old out");
	assert_true(json_is_null(json_object_get(fixture.json, "changes")));
	assert_int_not_equal(access(file_in_dir("new"), F_OK), 0);
	assert_int_equal(access(file_in_dir("gone"), F_OK), 0);
	(void)line_of(with_root("overlay: diff"), script);
	(void)strcpy(path, file_in_dir("new"));
	assert_true(lists("added", path));
	assert_true(lists("added", file_in_dir("d")));
	assert_true(lists("added", file_in_dir("d/f")));
	assert_true(lists("changed", file_in_dir("old")));
	assert_true(lists("removed", file_in_dir("gone")));
	assert_false(lists("changed", fixture.dir));
	assert_int_not_equal(access(path, F_OK), 0);
	assert_clean();
}

static void changes_to_an_overlay_root_are_kept_where_the_policy_says(void **state)
{
	char root[256];
	char script[256];
	char kept[256];

	(void)state;
	need_cgroup2();
	(void)snprintf(root, sizeof(root), "overlay: keep, directory: %s/kept", fixture.dir);
	(void)snprintf(script, sizeof(script), "echo first > %s/made; cat %s/made", fixture.dir,
		       fixture.dir);
	assert_string_equal(line_of(with_root(root), script), "first");
	(void)snprintf(kept, sizeof(kept), "%s/kept/upper/%%2F%s/made", fixture.dir, fixture.dir);
	assert_int_equal(access(kept, F_OK), 0);
	assert_int_not_equal(access(file_in_dir("made"), F_OK), 0);
	/* the next job finds it */
	(void)snprintf(script, sizeof(script), "cat %s/made", fixture.dir);
	assert_string_equal(line_of(with_root(root), script), "first");
}

/* A root directory with busybox and empty places for mounts. */
static void make_image(void)
{
	char command[512];

	(void)snprintf(command, sizeof(command),
		       "mkdir -p %s/image/bin %s/image/proc %s/image/dev %s/image/tmp && "
		       "cp /bin/busybox %s/image/bin/sh && ln -s /bin %s/image/link",
		       fixture.dir, fixture.dir, fixture.dir, fixture.dir, fixture.dir,
		       fixture.dir);
	assert_int_equal(system(command), 0);
}

static void an_image_is_the_whole_root(void **state)
{
	char root[256];
	char policy[512];

	(void)state;
	need_cgroup2();
	if (access("/bin/busybox", X_OK)) {
		print_message("skipped: needs busybox\n");
		skip();
	}
	make_image();
	(void)snprintf(root, sizeof(root), "path: %s/image", fixture.dir);
	(void)snprintf(policy, sizeof(policy), "%sprocess: {workdir: /}\n", with_root(root));
	assert_string_equal(line_of(policy, "cd /; echo *; : > /made; : > /dev/null"),
			    "bin dev link proc tmp");
	assert_int_equal(access(file_in_dir("image/made"), F_OK), 0);
	(void)snprintf(root, sizeof(root), "path: %s/image, overlay: discard", fixture.dir);
	(void)snprintf(policy, sizeof(policy), "%sprocess: {workdir: /, namespaces: [pid]}\n",
		       with_root(root));
	assert_string_equal(line_of(policy, ": > /made2; echo $$ /made2 /sys*"), "2 /made2 /sys*");
	assert_int_not_equal(access(file_in_dir("image/made2"), F_OK), 0);
	assert_clean();
}

static void links_in_an_image_are_resolved_inside_it(void **state)
{
	struct sbx_resolver *resolver;
	char out[512];

	(void)state;
	make_image();
	fixture.policy->root.path = strdup(file_in_dir("image"));
	resolver = sbx_resolver_new(fixture.policy, "/");
	assert_int_equal(sbx_job_resolve("/link/sh", out, sizeof(out), resolver), 0);
	assert_string_equal(out, "/bin/sh");
	assert_int_equal(sbx_job_resolve("/no/such", out, sizeof(out), resolver), 0);
	assert_string_equal(out, "/no/such");
	sbx_resolver_free(resolver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(the_command_is_alone_in_its_pid_namespace),
		JOB_TEST(statuses_and_signals_are_the_commands_own_in_a_pid_namespace),
		JOB_TEST(orphans_are_reaped_and_end_with_the_command),
		JOB_TEST(nothing_is_left_when_the_launcher_is_killed),
		JOB_TEST(each_namespace_is_another_than_the_launchers),
		JOB_TEST(host_name_loopback_and_clocks_are_the_jobs),
		JOB_TEST(the_cgroup_namespace_begins_at_the_job),
		JOB_TEST(ids_of_a_user_namespace_are_mapped),
		JOB_TEST(private_directories_are_empty_and_go_with_the_job),
		JOB_TEST(changes_to_an_overlay_root_are_thrown_away_and_listed),
		JOB_TEST(changes_to_an_overlay_root_are_kept_where_the_policy_says),
		JOB_TEST(an_image_is_the_whole_root),
		JOB_TEST(links_in_an_image_are_resolved_inside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

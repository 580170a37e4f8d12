// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs in namespaces of their own: the rules name paths as the job sees them, and the way out is as
 * closed as without.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"
#include "lib/start.h"

#define ALL "process: {namespaces: [pid, ipc, uts, net, mount, cgroup, time]}\n"

static void rules_hold_in_all_namespaces_at_once(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/f", "ok" },
		{ "open w+creat " T "/in/new", "ok" },
		{ "utimes " T "/in/f", "ok" },
		{ "rename " T "/in/new " T "/in/newer", "ok" },
		{ "open r " T "/no/f", "EACCES", { { "open", T "/no/f", "read" } } },
		{ "open w+creat " T "/no/new", "EACCES", { { "create", T "/no/new", "create" } } },
		{ "open r " T "/in/to-no", "EACCES", { { "open", T "/no/f", "read" } } },
	};

	(void)state;
	make_all(T "/in/f", T "/no/f", NULL);
	assert_int_equal(symlink(T "/no/f", T "/in/to-no"), 0);
	check_rows(POLICY_HEAD "    - {allow: rw, paths: " T "/in}\n" ALL, rows, ARRAY_SIZE(rows));
}

/* The host's processes are not there; number 1 is, and belongs to nobody's job. */
static void processes_outside_cannot_be_named_and_number_1_is_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "kill $VICTIM 9", "ESRCH" },
		{ "kill 1 9",
		  "EPERM",
		  { { "signal", "process sbx-bpf-keep", .guard = "signal_outside" } } },
		{ "ptrace 1",
		  "EPERM",
		  { { "ptrace", "process sbx-bpf-keep", .guard = "ptrace" } } },
		{ "spawn", "ok" },
		{ "kill child 15", "ok" },
	};

	(void)state;
	(void)make_victim();
	check_rows(POLICY_OPEN ALL, rows, ARRAY_SIZE(rows));
}

static void the_job_itself_makes_and_enters_no_namespace(void **state)
{
	static const struct row rows[] = {
		{ "unshare mnt", "EPERM", { { "namespace", "*", .guard = "namespace" } } },
		{ "unshare user", "EPERM", { { "namespace", "*", .guard = "namespace" } } },
		{ "bind-mount " T "/in " T "/no",
		  "EPERM",
		  { { "mount", T "/no", .guard = "mount" } } },
		{ "umount /proc", "EPERM", { { "umount", NULL, .guard = "mount" } } },
	};

	(void)state;
	make_all(T "/in/f", T "/no/f", NULL);
	check_rows(POLICY_OPEN ALL, rows, ARRAY_SIZE(rows));
}

static void rules_name_paths_in_a_private_directory(void **state)
{
	static const struct row rows[] = {
		{ "open r /var/tmp/sbx-host", "ENOENT" },
		{ "mkdir /var/tmp/a", "ok" },
		{ "open w+creat /var/tmp/a/f", "ok" },
		{ "utimes /var/tmp/a/f", "ok" },
		{ "open w+creat /var/tmp/b", "EACCES", { { "create", "/var/tmp/b", "create" } } },
		{ "open w+creat /dev/shm/x", "ok" },
	};

	(void)state;
	make("/var/tmp/sbx-host", "x");
	check_rows("version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n"
		   "  private: [/var/tmp, /dev/shm]\n  default: deny\n  rules:\n"
		   "    - {allow: [exec, read], paths: " ACT "}\n"
		   "    - {allow: rw, paths: [/var/tmp/a, /dev/shm]}\n"
		   "    - {allow: read, paths: /var/tmp/sbx-host}\n",
		   rows, ARRAY_SIZE(rows));
	assert_true(exists("/var/tmp/sbx-host"));
	assert_false(exists("/var/tmp/a"));
	assert_false(exists("/dev/shm/x"));
	assert_int_equal(unlink("/var/tmp/sbx-host"), 0);
}

/* What a link on the host would mean there means nothing: the job's directory begins empty. */
static void a_rule_in_a_private_directory_follows_no_link_of_the_host(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/no/f", "EACCES", { { "open", T "/no/f", "read" } } },
	};

	(void)state;
	make(T "/no/f", "x");
	assert_int_equal(symlink(T "/no", "/var/tmp/sbx-link"), 0);
	check_rows("version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n"
		   "  private: [/var/tmp]\n  default: deny\n  rules:\n"
		   "    - {allow: [exec, read], paths: " ACT "}\n"
		   "    - {allow: rw, paths: /var/tmp/sbx-link}\n",
		   rows, ARRAY_SIZE(rows));
	assert_int_equal(unlink("/var/tmp/sbx-link"), 0);
}

static void a_private_dev_has_what_programs_need_and_no_disk(void **state)
{
	static const struct row rows[] = {
		{ "open w /dev/null", "ok" },	 { "open r /dev/urandom", "ok" },
		{ "open r /dev/vda", "ENOENT" }, { "open r /dev/kmsg", "ENOENT" },
		{ "list /dev/pts", "ok" },
	};

	(void)state;
	check_rows("version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n"
		   "  private: [/dev]\n  default: deny\n  rules:\n"
		   "    - {allow: [exec, read], paths: " ACT "}\n"
		   "    - {allow: [read, write, device], paths: [/dev/null, /dev/urandom]}\n",
		   rows, ARRAY_SIZE(rows));
}

static void a_read_only_root_refuses_what_the_rules_allow(void **state)
{
	static const struct row rows[] = {
		{ "open w+creat " T "/in/new", "EROFS" },
		{ "open r " T "/in/f", "ok" },
		{ "open w+creat " T "/in/w/new", "ok" },
	};

	(void)state;
	make_all(T "/in/f", T "/in/w/", NULL);
	check_rows("version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n"
		   "  root: {read_only: true, writable: " T "/in/w}\n  default: deny\n  rules:\n"
		   "    - {allow: [exec, read], paths: " ACT "}\n"
		   "    - {allow: rw, paths: " T "/in}\n",
		   rows, ARRAY_SIZE(rows));
}

static void root_of_a_user_namespace_has_no_power_over_the_host(void **state)
{
	static const struct row rows[] = {
		{ "sethostname", "EPERM" },
		{ "open r " T "/root-only", "ok" },
		{ "open r " T "/no/f", "EACCES", { { "open", T "/no/f", "read", "no" } } },
	};

	(void)state;
	make_all(T "/root-only", T "/no/f", NULL);
	check_rows(POLICY_OPEN "    - {deny: read, paths: " T "/no} # no\n"
			       "process: {namespaces: [user, pid]}\n",
		   rows, ARRAY_SIZE(rows));
}

#define ROOT_POLICY(root, rules)                                                        \
	"version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n  root: {" root "}\n" \
	"  default: deny\n  rules:\n    - {allow: [exec, read], paths: " ACT "}\n" rules

static void rules_hold_in_an_overlay_root_and_the_host_keeps_its_files(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/in/f", "ok" },
		{ "open w " T "/in/f", "ok" },
		{ "open w+creat " T "/in/new", "ok" },
		{ "utimes " T "/in/f", "ok" },
		{ "unlink " T "/in/gone", "ok" },
		{ "open r " T "/no/f", "EACCES", { { "open", T "/no/f", "read" } } },
		{ "open w+creat " T "/no/new", "EACCES", { { "create", T "/no/new", "create" } } },
		{ "open w+creat /usr/new", "EACCES", { { "create", "/usr/new", "create" } } },
	};

	(void)state;
	make_all(T "/in/f", T "/in/gone", T "/no/f", NULL);
	check_rows(ROOT_POLICY("overlay: discard", "    - {allow: rw, paths: " T "/in}\n"), rows,
		   ARRAY_SIZE(rows));
	assert_true(exists(T "/in/gone"));
	assert_false(exists(T "/in/new"));
}

/* Paths of rules are those inside the image; the host's of the same name are not there. */
static void rules_name_paths_in_an_image(void **state)
{
	static const struct row rows[] = {
		{ "open r /data/f", "ok" },
		{ "open w+creat /data/new", "ok" },
		{ "open r /etc/secret", "EACCES", { { "open", "/etc/secret", "read" } } },
		{ "open r /link/f", "ok" },
		{ "open r /etc/passwd", "ENOENT" },
		{ "open r " T "/no/f", "ENOENT" },
	};
	const struct job job = {
		.policy = "version: 1\nname: test\naudit: {rate: max}\nfilesystem:\n"
			  "  root: {path: " T "/image}\n  default: deny\n  rules:\n"
			  "    - {allow: [exec, read], paths: " ACT "}\n"
			  "    - {allow: rw, paths: /link}\n"
			  "process: {workdir: /, namespaces: [pid]}\n",
		.rows = rows,
		.n_rows = ARRAY_SIZE(rows),
	};
	struct outcome outcome;

	(void)state;
	make_all(T "/image/data/f", T "/image/etc/secret", T "/image/proc/", T "/image/dev/",
		 T "/no/f", NULL);
	make_program(T "/image" ACT);
	assert_int_equal(symlink("/data", T "/image/link"), 0);
	run_job(&job, &outcome);
	outcome_free(&outcome);
	assert_true(exists(T "/image/data/new"));
	assert_false(exists(T "/image/sys"));
}

static void a_directory_that_is_not_there_stops_the_run(void **state)
{
	static const char *const argv[] = { ACT, "ok", NULL };
	const struct start start = { .name = "missing",
				     .policy = "version: 1\nfilesystem:\n  default: allow\n"
					       "  private: [/no/such/dir]\n",
				     .argv = argv };
	struct run run;

	(void)state;
	do_run(&start, &run);
	assert_int_equal(run.status, 125);
	assert_non_null(strstr(run.err, "mounting \"/no/such/dir\" failed: ENOENT"));
	check_no_leftovers();
	free_run(&run);
}

static void another_user_than_root_sees_its_own_processes_alone(void **state)
{
	static const char *const argv[] = {
		"/bin/sh", "-c", "ls -d /proc/1 2> /dev/null || echo hidden; ls -d /proc/$$", NULL
	};
	static const struct {
		const char *user;
		const char *out;
	} cases[] = { { "nobody", "hidden\n/proc/2\n" }, { "root", "/proc/1\n/proc/2\n" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct start start = {
			.name = "hidepid",
			.policy = text("version: 1\nfilesystem: {default: allow}\n"
				       "process: {user: %s, namespaces: [pid], workdir: /}\n",
				       cases[i].user),
			.argv = argv,
		};
		struct run run;

		do_run(&start, &run);
		assert_string_equal(run.out, cases[i].out);
		assert_int_equal(count_records(run.log, "violation"), 0);
		free_run(&run);
	}
}

/* A child of the launcher by its name; 0: there is none (yet, or any more). */
static pid_t child_of(pid_t launcher, const char *comm)
{
	char *list = slurp(text("/proc/%d/task/%d/children", launcher, launcher));

	for (char *word = list ? strtok(list, " ") : NULL; word; word = strtok(NULL, " ")) {
		char *name = slurp(text("/proc/%s/comm", word));

		if (name && !strncmp(name, comm, strlen(comm)))
			return atoi(word);
	}
	return 0;
}

static size_t count_lines(const char *path)
{
	char *lines = slurp(path);
	size_t n = 0;

	for (char *at = lines; at && *at; at++)
		n += *at == '\n';
	return n;
}

static bool none_is_left(const void *ctx)
{
	static const char *const argv[] = { "/bin/sh", "-c",
					    "! grep -lx 'sbx-bpf-[kw][a-z]*' /proc/[0-9]*/comm",
					    NULL };

	(void)ctx;
	return !command(argv);
}

static void whatever_is_killed_and_whenever_nothing_stays(void **state)
{
	static const char *const victims[] = { "", "sbx-bpf-keep", "sbx-bpf-watch" };
	static const char *const argv[] = { "/bin/sh", "-c", "setsid sleep 1000 & sleep 1000",
					    NULL };
	static const char *const gc[] = { "/bin/sh", "-c", "\"$SBX_BIN\" gc -q", NULL };
	const struct start start = { .name = "killed",
				     .policy = "version: 1\nfilesystem:\n  default: allow\n"
					       "  private: [/var/tmp, /dev/shm]\n"
					       "  root: {overlay: discard}\n" ALL,
				     .argv = argv };
	size_t mounts = count_lines("/proc/self/mountinfo");

	(void)state;
	assert_int_equal(setenv("SBX_BIN", sbx_bin(), 1), 0);
	for (unsigned int i = 0; i < 12; i++) {
		const char *victim = victims[i % ARRAY_SIZE(victims)];
		struct run run;
		pid_t pid;

		start_run(&start, &run);
		(void)usleep(60000 + i * 97000); /* from before there is anything to the command */
		pid = *victim ? child_of(run.launcher, victim) : run.launcher;
		if (pid)
			(void)kill(pid, SIGKILL);
		(void)usleep(100000);
		(void)kill(run.launcher, SIGTERM);
		(void)usleep(300000);
		(void)kill(run.launcher, SIGTERM);
		end_run(&run);
		if (!becomes_true(none_is_left, NULL, 10000))
			fail_msg("round %u: a keeper or watchdog lives", i);
		assert_int_equal(command(gc), 0);
		check_no_leftovers();
		assert_int_equal(count_lines("/proc/self/mountinfo"), mounts);
		free_run(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rules_hold_in_all_namespaces_at_once),
		TEST(processes_outside_cannot_be_named_and_number_1_is_out_of_reach),
		TEST(the_job_itself_makes_and_enters_no_namespace),
		TEST(rules_name_paths_in_a_private_directory),
		TEST(a_rule_in_a_private_directory_follows_no_link_of_the_host),
		TEST(a_private_dev_has_what_programs_need_and_no_disk),
		TEST(a_read_only_root_refuses_what_the_rules_allow),
		TEST(root_of_a_user_namespace_has_no_power_over_the_host),
		TEST(rules_hold_in_an_overlay_root_and_the_host_keeps_its_files),
		TEST(rules_name_paths_in_an_image),
		RUNS_TEST(another_user_than_root_sees_its_own_processes_alone),
		RUNS_TEST(whatever_is_killed_and_whenever_nothing_stays),
		RUNS_TEST(a_directory_that_is_not_there_stops_the_run),
	};

	return RUN_SUITE("isolation", tests);
}

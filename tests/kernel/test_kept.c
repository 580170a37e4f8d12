// SPDX-License-Identifier: GPL-2.0-only
/* Jobs that outlive their first command: further commands, their ends, and the job's own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/start.h"

#define SECRET T "/secret"
#define HEAD "version: 1\nname: test\n"
#define FILES                \
	"filesystem:\n"      \
	"  default: allow\n" \
	"  rules:\n"         \
	"    - {deny: [read], paths: " SECRET "}\n"
#define PRIVATE              \
	"filesystem:\n"      \
	"  default: allow\n" \
	"  private: [/var/tmp]\n"
#define ALL_NAMESPACES "process: {namespaces: [pid, ipc, uts, net, mount, cgroup, time]}\n"
#define CLIENTS_MAX 8

/* A client of a job, with its output. */
struct client {
	pid_t pid;
	int status; /* 128+N for signal N */
	const char *file;
	const char *out; /* standard output and error */
};

static pid_t clients[CLIENTS_MAX];

static void start_client(const char *const *argv, struct client *ret_client)
{
	static unsigned int number;
	size_t i = 0;

	*ret_client = (struct client){ .file = text(T "/run/client.%u", number++) };
	make(T "/run/", "");
	while (clients[i])
		i++;
	ret_client->pid = fork();
	if (!ret_client->pid) {
		int fd = open(ret_client->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		int in = open("/dev/null", O_RDONLY);

		(void)dup2(in, 0);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	clients[i] = ret_client->pid;
}

static void end_client(struct client *client)
{
	const char *out;
	int status = 0;

	assert_int_equal(waitpid(client->pid, &status, 0), client->pid);
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i] == client->pid)
			clients[i] = 0;
	}
	client->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	out = slurp(client->file);
	client->out = out ? out : "";
}

static int kept_end(void **state)
{
	DIR *dir = opendir("/run/sbx-bpf/jobs");
	struct dirent *entry;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i]) {
			(void)kill(clients[i], SIGKILL);
			(void)waitpid(clients[i], NULL, 0);
		}
		clients[i] = 0;
	}
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			(void)output_of(
				(const char *const[]){ sbx_bin(), "rm", entry->d_name, NULL },
				NULL);
	}
	if (dir)
		(void)closedir(dir);
	return runs_end(state);
}
#define KEPT_TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, kept_end)

static const char *sbx(int want, const char *verb, const char *job)
{
	int status;
	const char *said = output_of((const char *const[]){ sbx_bin(), verb, job, NULL }, &status);

	if (status != want)
		fail_msg("%s %s: status %d: %s", verb, job ? job : "", status, said);
	return said;
}

/* A kept job after its first command. */
static void keep(const char *name, const char *policy, const char *script, struct run *ret_run)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	static const char *const options[] = { "--keep", NULL };
	const struct start start = {
		.name = name, .policy = policy, .argv = argv, .options = options
	};

	make(SECRET, "secret\n");
	make(T "/open", "open\n");
	do_run(&start, ret_run);
}

static void start_exec(const char *name, const char *script, struct client *ret_client)
{
	const char *const argv[] = { sbx_bin(), "exec", name, "--", "/bin/sh", "-c", script, NULL };

	start_client(argv, ret_client);
}

static void check_exec(const char *name, const char *script, int status, const char *out)
{
	struct client client;

	start_exec(name, script, &client);
	end_client(&client);
	if (client.status != status || (out && strcmp(client.out, out)))
		fail_msg("%s: status %d: %s", script, client.status, client.out);
}

static bool says(const void *ctx)
{
	const struct client *client = ctx;
	const char *out = slurp(client->file);

	return out && strstr(out, "ready\n");
}

static void wait_ready(const struct client *client)
{
	if (!becomes_true(says, client, 60000))
		fail_msg("the command never said \"ready\": %s", slurp(client->file));
}

static bool no_record(const void *ctx)
{
	return !exists(text("/run/sbx-bpf/jobs/%s", (const char *)ctx));
}

/* The first process named so whose parent is `parent` (0: anybody). */
static pid_t find_process(const char *comm, pid_t parent)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		const char *stat = atoi(entry->d_name) > 0
					   ? slurp(text("/proc/%s/stat", entry->d_name))
					   : NULL;
		const char *end = stat ? strrchr(stat, ')') : NULL;
		char letter = 0;
		int ppid = 0;

		if (end && strstr(stat, text("(%s)", comm)) &&
		    sscanf(end, ") %c %d", &letter, &ppid) == 2 && letter != 'Z' &&
		    (!parent || ppid == parent))
			found = atoi(entry->d_name);
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

static void kill_process(const char *comm, pid_t parent)
{
	pid_t pid = find_process(comm, parent);

	if (pid <= 1)
		fail_msg("there is no process %s", comm);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

static void a_second_command_finds_what_the_first_has_left(void **state)
{
	struct run run;

	(void)state;
	keep("kept", HEAD PRIVATE, "echo 1 > /var/tmp/sbx-kept; exit 3", &run);
	assert_int_equal(run.status, 3);
	assert_string_equal(result_text(&run, "exit.reason"), "exited");
	assert_int_equal(result_number(&run, "exit.status"), 3);
	assert_false(exists("/var/tmp/sbx-kept"));
	if (!strstr(sbx(0, "ps", NULL), "idle"))
		fail_msg("ps does not say idle: %s", sbx(0, "ps", NULL));
	check_exec("kept", "cat /var/tmp/sbx-kept; exit 4", 4, "1\n");
	check_exec("kept", "echo 2 > /var/tmp/sbx-kept", 0, "");
	check_exec("kept", "cat /var/tmp/sbx-kept", 0, "2\n");
	(void)sbx(0, "rm", "kept");
	check_no_leftovers();
	assert_int_equal(find_process("sbx-bpf-job", 0), 0);
	assert_int_equal(find_process("sbx-bpf-keep", 0), 0);
	assert_int_equal(find_process("sbx-bpf-watch", 0), 0);
	free_run(&run);
}

static void all_commands_are_in_the_same_namespaces(void **state)
{
	static const char script[] =
		"for n in pid ipc uts net mnt time; do readlink /proc/self/ns/$n; done";
	struct client first, second;
	struct run run;

	(void)state;
	keep("spaces", HEAD "filesystem: {default: allow}\n" ALL_NAMESPACES, "true", &run);
	assert_int_equal(run.status, 0);
	start_exec("spaces", script, &first);
	end_client(&first);
	start_exec("spaces", script, &second);
	end_client(&second);
	assert_string_equal(first.out, second.out);
	assert_int_equal(strlen(first.out) > 60, 1);
	assert_string_not_equal(
		first.out, output_of((const char *const[]){ "/bin/sh", "-c", script, NULL }, NULL));
	(void)sbx(0, "rm", "spaces");
	check_no_leftovers();
	free_run(&run);
}

static json_t *records(const struct run *run)
{
	json_t *log = json_array();
	FILE *file = fopen(run->log_path, "re");
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		(void)json_array_append_new(log, json_loads(line, 0, NULL));
	free(line);
	if (file)
		(void)fclose(file);
	return log;
}

static void the_policy_holds_for_further_commands_and_one_log_has_it_all(void **state)
{
	struct run run;
	json_t *log;
	int status;

	(void)state;
	keep("held", HEAD FILES, "cat " T "/open " SECRET, &run);
	assert_int_equal(run.status, 1);
	assert_string_equal(run.out, "open\n");
	assert_int_equal(result_number(&run, "metrics.violations"), 1);
	check_exec("held", "cat " T "/open; cat " SECRET " 2>&1", 1,
		   "open\ncat: " SECRET ": Permission denied\n");
	check_exec("held", "exec 2>&1; ( cat " SECRET ")", 1, NULL);
	(void)sbx(0, "rm", "held");
	log = records(&run);
	assert_int_equal(count_records(log, "violation"), 3);
	/* start, three pairs, end */
	assert_int_equal(count_records(log, "lifecycle"), 8);
	for (size_t i = 0, seq = 1; i < json_array_size(log); i++) {
		const json_t *record = json_array_get(log, i);
		const json_t *number = json_object_get(record, "seq");

		if (number)
			assert_int_equal(json_integer_value(number), seq++);
	}
	(void)output_of((const char *const[]){ sbx_bin(), "audit", "verify", run.log_path, NULL },
			&status);
	assert_int_equal(status, 0);
	json_decref(log);
	free_run(&run);
}

static void a_command_that_may_not_be_executed_names_the_line(void **state)
{
	struct run run;
	struct client client;

	(void)state;
	keep("noexec",
	     HEAD "filesystem:\n  default: allow\n  rules:\n    - {deny: [exec], paths: " T
		  "/program}\n",
	     "true", &run);
	make_program(T "/program");
	start_client((const char *const[]){ sbx_bin(), "exec", "noexec", "--", T "/program", NULL },
		     &client);
	end_client(&client);
	assert_int_equal(client.status, 126);
	if (!strstr(client.out, "does not allow executing") || !strstr(client.out, "deny"))
		fail_msg("%s", client.out);
	start_client((const char *const[]){ sbx_bin(), "exec", "noexec", "no-such", NULL },
		     &client);
	end_client(&client);
	assert_int_equal(client.status, 127);
	(void)sbx(0, "rm", "noexec");
	free_run(&run);
}

static void the_environment_is_the_clients_as_far_as_the_policy_lets_it(void **state)
{
	struct run run;

	(void)state;
	keep("env",
	     HEAD "filesystem: {default: allow}\nprocess: {env: {clear: true, pass: [SBX_A]}}\n",
	     "true", &run);
	assert_int_equal(setenv("SBX_A", "1", 1), 0);
	assert_int_equal(setenv("SBX_B", "2", 1), 0);
	check_exec("env", "echo $SBX_A $SBX_B $SBX_BPF_JOB", 0, "1 env\n");
	(void)unsetenv("SBX_A");
	(void)unsetenv("SBX_B");
	(void)sbx(0, "rm", "env");
	free_run(&run);
}

static void commands_at_once_end_each_by_itself(void **state)
{
	struct client a, b, c;
	struct run run;

	(void)state;
	keep("many", HEAD FILES, "true", &run);
	start_exec("many", "sleep 1000 & echo ready; exit 5", &a);
	start_exec("many", "echo ready; exec sleep 1000", &b);
	start_exec("many", "echo ready; cat " SECRET " 2> /dev/null; exit 7", &c);
	end_client(&c);
	assert_int_equal(c.status, 7);
	wait_ready(&b);
	assert_int_equal(kill(b.pid, SIGTERM), 0); /* forwarded */
	end_client(&b);
	assert_int_equal(b.status, 143);
	end_client(&a); /* and what it left, with it */
	assert_int_equal(a.status, 5);
	assert_int_equal(find_process("sleep", 0), 0);
	(void)sbx(0, "rm", "many");
	check_no_leftovers();
	free_run(&run);
}

static void a_time_limit_ends_one_command_and_not_the_job(void **state)
{
	struct client other;
	struct run run;
	json_t *result;

	(void)state;
	keep("timed", HEAD FILES "limits: {wall_time: 3s}\n", "true", &run);
	start_client((const char *const[]){ sbx_bin(), "exec", "--result", T "/run/timed2.json",
					    "timed", "sleep", "1000", NULL },
		     &other);
	end_client(&other);
	assert_int_equal(other.status, 124);
	result = json_load_file(T "/run/timed2.json", 0, NULL);
	assert_non_null(result);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(result, "exit"), "reason")),
		"timeout");
	json_decref(result);
	check_exec("timed", "echo on", 0, "on\n");
	(void)sbx(0, "rm", "timed");
	free_run(&run);
}

static bool nothing_sleeps(const void *ctx)
{
	(void)ctx;
	return !find_process("sleep", 0);
}

static void a_killed_client_or_launcher_takes_its_command_alone(void **state)
{
	struct client client, other;
	struct run run;

	(void)state;
	keep("kills", HEAD FILES, "true", &run);
	start_exec("kills", "echo ready; exec sleep 1000", &client);
	wait_ready(&client);
	assert_int_equal(kill(client.pid, SIGKILL), 0);
	end_client(&client);
	assert_true(becomes_true(nothing_sleeps, NULL, 10000));
	start_exec("kills", "echo ready; exec sleep 1000", &client);
	wait_ready(&client);
	start_exec("kills", "echo ready; while ! [ -e " T "/go ]; do read x; done; exit 8", &other);
	wait_ready(&other);
	kill_process("sbx-bpf-exec", 0); /* the first of the two */
	end_client(&client);
	assert_int_equal(client.status, 125);
	assert_true(becomes_true(nothing_sleeps, NULL, 10000));
	make(T "/go", "");
	end_client(&other);
	assert_int_equal(other.status, 8);
	(void)sbx(0, "rm", "kills");
	check_no_leftovers();
	free_run(&run);
}

static void stop_lets_commands_end_and_rm_does_not_wait(void **state)
{
	struct client client;
	struct run run;

	(void)state;
	keep("stopped", HEAD FILES, "true", &run);
	start_exec("stopped",
		   "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.1; done",
		   &client);
	wait_ready(&client);
	(void)sbx(0, "stop", "stopped");
	end_client(&client);
	assert_int_equal(client.status, 9);
	assert_string_equal(client.out, "ready\nbye\n");
	check_no_leftovers();
	free_run(&run);

	keep("removed", HEAD FILES, "true", &run);
	start_exec("removed", "trap '' TERM; echo ready; while :; do sleep 0.1; done", &client);
	wait_ready(&client);
	(void)sbx(0, "rm", "removed");
	end_client(&client);
	assert_int_equal(client.status, 137);
	check_no_leftovers();
	check_exec("removed", "true", 125, NULL);
	(void)sbx(125, "rm", "removed");
	free_run(&run);
}

static void a_killed_supervisor_takes_the_job_with_it(void **state)
{
	struct client client;
	struct run run;

	(void)state;
	keep("orphan", HEAD PRIVATE ALL_NAMESPACES, "true", &run);
	start_exec("orphan", "echo ready; sleep 1000", &client);
	wait_ready(&client);
	kill_process("sbx-bpf-job", 0);
	if (!becomes_true(no_record, "orphan", 10000))
		fail_msg("the job is on record 10 seconds after its supervisor was killed");
	end_client(&client);
	assert_int_not_equal(client.status, 0);
	check_no_leftovers();
	assert_int_equal(find_process("sbx-bpf-keep", 0), 0);
	check_exec("orphan", "true", 125, NULL);
	free_run(&run);
}

static void gc_ends_a_job_whose_supervisor_and_watchdog_were_killed(void **state)
{
	struct client client;
	struct run run;
	pid_t host;

	(void)state;
	keep("both", HEAD FILES, "true", &run);
	start_exec("both", "echo ready; sleep 1000", &client);
	wait_ready(&client);
	host = find_process("sbx-bpf-job", 0);
	assert_true(host > 1);
	assert_int_equal(kill(host, SIGSTOP), 0);
	kill_process("sbx-bpf-watch", host);
	assert_int_equal(kill(host, SIGKILL), 0);
	(void)usleep(200000);
	(void)sbx(0, "gc", NULL);
	end_client(&client);
	check_no_leftovers();
	free_run(&run);
}

static void a_killed_keeper_ends_the_job(void **state)
{
	struct run run;

	(void)state;
	keep("keeper", HEAD PRIVATE, "true", &run);
	kill_process("sbx-bpf-keep", 0);
	if (!becomes_true(no_record, "keeper", 10000))
		fail_msg("the job goes on without the keeper of its namespaces");
	check_no_leftovers();
	free_run(&run);
}

static void a_name_is_taken_until_the_job_is_removed(void **state)
{
	struct run run, second;

	(void)state;
	keep("name", HEAD FILES, "true", &run);
	keep("name", HEAD FILES, "true", &second);
	assert_int_equal(second.status, 125);
	if (!strstr(second.err, "a job named \"name\" is running"))
		fail_msg("%s", second.err);
	free_run(&second);
	(void)sbx(0, "rm", "name");
	keep("name", HEAD FILES, "true", &second);
	assert_int_equal(second.status, 0);
	(void)sbx(0, "rm", "name");
	free_run(&second);
	free_run(&run);
}

static void a_running_job_takes_commands_until_its_own_ends(void **state)
{
	static const char *const argv[] = {
		"/bin/sh", "-c", "echo ready; while ! [ -e " T "/go ]; do sleep 0.1; done", NULL
	};
	const struct start start = { .name = "running", .policy = HEAD FILES, .argv = argv };
	struct client client;
	struct run run;

	(void)state;
	make(SECRET, "secret\n");
	start_run(&start, &run);
	wait_for_line(&run, "ready\n");
	check_exec("running", "cat " SECRET " 2> /dev/null; exit 6", 6, "");
	start_exec("running", "echo ready; exec sleep 1000", &client);
	wait_ready(&client);
	make(T "/go", "");
	end_run(&run);
	end_client(&client);
	assert_int_equal(run.status, 0);
	assert_int_equal(client.status, 137);
	assert_int_equal(count_records(run.log, "violation"), 1);
	check_no_leftovers();
	free_run(&run);
}

/* Even as root, and where all files are free: a request would come from outside the policy. */
static void a_job_cannot_reach_the_door(void **state)
{
	static const struct row rows[] = {
		{ "unix-connect stream " T "/other", "ok" },
		{ "unix-connect stream /run/sbx-bpf/jobs/door/door",
		  "EACCES",
		  { { "unix-connect", "/run/sbx-bpf/jobs/door/door", "connect", "*" } } },
	};
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = T "/other" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct run run, other;

	(void)state;
	keep("door", HEAD FILES, "true", &run);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	check_rows(POLICY_OPEN, rows, ARRAY_SIZE(rows));
	(void)close(fd);
	/* Nor where its rules refuse nothing. */
	keep("asks", "version: 1\nname: test\nmode: audit\nfilesystem: {default: allow}\n",
	     text("%s exec door -- echo ran", sbx_bin()), &other);
	assert_int_equal(other.status, 125);
	assert_non_null(strstr(other.err, "not from within a job"));
	(void)sbx(0, "rm", "asks");
	free_run(&other);
	(void)sbx(0, "rm", "door");
	free_run(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		KEPT_TEST(a_second_command_finds_what_the_first_has_left),
		KEPT_TEST(all_commands_are_in_the_same_namespaces),
		KEPT_TEST(the_policy_holds_for_further_commands_and_one_log_has_it_all),
		KEPT_TEST(a_command_that_may_not_be_executed_names_the_line),
		KEPT_TEST(the_environment_is_the_clients_as_far_as_the_policy_lets_it),
		KEPT_TEST(commands_at_once_end_each_by_itself),
		KEPT_TEST(a_time_limit_ends_one_command_and_not_the_job),
		KEPT_TEST(a_killed_client_or_launcher_takes_its_command_alone),
		KEPT_TEST(stop_lets_commands_end_and_rm_does_not_wait),
		KEPT_TEST(a_killed_supervisor_takes_the_job_with_it),
		KEPT_TEST(gc_ends_a_job_whose_supervisor_and_watchdog_were_killed),
		KEPT_TEST(a_killed_keeper_ends_the_job),
		KEPT_TEST(a_name_is_taken_until_the_job_is_removed),
		KEPT_TEST(a_running_job_takes_commands_until_its_own_ends),
		KEPT_TEST(a_job_cannot_reach_the_door),
	};

	return RUN_SUITE("kept", tests);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Launchers that run beside the test; and looks at what they leave. */
#include "start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 64
#define LINE_WAIT_MS 60000
#define CGROUP_ROOT "/sys/fs/cgroup/sbx-bpf"
#define JOBS_DIR "/run/sbx-bpf/jobs"

#define RUNS_MAX 16

static pid_t running[RUNS_MAX]; /* launchers not waited for yet; 0: free */

static void remember(pid_t launcher)
{
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (!running[i]) {
			running[i] = launcher;
			return;
		}
	}
	fail_msg("more than %d runs at once", RUNS_MAX);
}

static void forget(pid_t launcher)
{
	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (running[i] == launcher)
			running[i] = 0;
	}
}

int runs_end(void **state)
{
	bool any = false;

	for (size_t i = 0; i < RUNS_MAX; i++) {
		if (!running[i])
			continue;
		any = true;
		(void)kill(running[i], SIGKILL);
		(void)waitpid(running[i], NULL, 0);
		running[i] = 0;
	}
	if (any)
		(void)sleep(1); /* their watchdogs clean up */
	return test_end(state);
}

static const char *file_of(const char *name, const char *suffix)
{
	return text(T "/run/%s%s", name, suffix);
}

static size_t add(const char **argv, size_t n, const char *const *words)
{
	for (; words && *words; words++) {
		assert_true(n < ARGS_MAX);
		argv[n++] = *words;
	}
	return n;
}

static void build_argv(const struct start *start, const char *log_path, const char **argv)
{
	const char *const level[] = { getenv("SBX_REQUIRE") ? "--require" : NULL,
				      getenv("SBX_REQUIRE"), NULL };
	const char *policy = start->policy_path;
	size_t n = 0;

	n = add(argv, n,
		(const char *const[]){ start->bin ? start->bin : sbx_bin(), "run", "--name",
				       start->name, NULL });
	if (!start->loud)
		argv[n++] = "-q";
	if (!policy)
		policy = file_of(start->name, ".yaml");
	if (*policy)
		n = add(argv, n, (const char *const[]){ "--policy", policy, NULL });
	n = add(argv, n, (const char *const[]){ "--audit", log_path, "--result", NULL });
	argv[n++] = start->result ? start->result : file_of(start->name, ".json");
	n = add(argv, n, level);
	n = add(argv, n, start->options);
	argv[n++] = "--";
	n = add(argv, n, start->argv);
	argv[n] = NULL;
}

static void __attribute__((noreturn)) run_launcher(const struct start *start, const char **argv)
{
	int in = open("/dev/null", O_RDONLY);
	int out = open(file_of(start->name, ".out"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
	int err = open(file_of(start->name, ".err"), O_WRONLY | O_CREAT | O_TRUNC, 0666);

	(void)dup2(in, 0);
	(void)dup2(out, 1);
	(void)dup2(err, 2);
	if (start->cwd && chdir(start->cwd))
		_exit(126);
	if (start->uid && (setgroups(0, NULL) || setgid(start->uid) || setuid(start->uid)))
		_exit(126);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void start_run(const struct start *start, struct run *ret_run)
{
	static const char *const left[] = { ".out", ".err", ".json", ".jsonl" };
	const char *argv[ARGS_MAX + 1];

	*ret_run = (struct run){ .status = -1, .huge = start->huge };
	make(T "/run/", "");
	(void)snprintf(ret_run->name, sizeof(ret_run->name), "%s", start->name);
	ret_run->log_path = start->audit ? start->audit : file_of(start->name, ".jsonl");
	if (start->policy)
		make(file_of(start->name, ".yaml"), start->policy);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		(void)unlink(file_of(start->name, left[i]));
	build_argv(start, ret_run->log_path, argv);
	ret_run->launcher = fork();
	assert_true(ret_run->launcher >= 0);
	if (!ret_run->launcher)
		run_launcher(start, argv);
	remember(ret_run->launcher);
}

/* As slurp, and "" for what is empty or not there. */
static const char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL;
	size_t size = 0;
	const char *copy;

	if (!file || getdelim(&bytes, &size, '\0', file) < 0)
		copy = text("%s", "");
	else
		copy = text("%s", bytes);
	free(bytes);
	if (file)
		(void)fclose(file);
	return copy;
}

static json_t *load_records(const char *path)
{
	FILE *file = fopen(path, "re");
	json_t *log = json_array();
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		if (!record)
			fail_msg("a line of the log is no JSON: %s", line);
		(void)json_array_append_new(log, record);
	}
	free(line);
	if (file)
		(void)fclose(file);
	return log;
}

void end_run(struct run *run)
{
	const char *result = file_of(run->name, ".json");
	int status = 0;

	while (waitpid(run->launcher, &status, 0) < 0 && errno == EINTR)
		;
	forget(run->launcher);
	run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	run->out = read_all(file_of(run->name, ".out"));
	run->err = read_all(file_of(run->name, ".err"));
	run->log = run->huge ? json_array() : load_records(run->log_path);
	run->result = json_load_file(result, 0, NULL);
}

void do_run(const struct start *start, struct run *ret_run)
{
	start_run(start, ret_run);
	end_run(ret_run);
}

void free_run(struct run *run)
{
	json_decref(run->log);
	json_decref(run->result);
	run->log = NULL;
	run->result = NULL;
}

bool becomes_true(bool (*holds)(const void *ctx), const void *ctx, int timeout_ms)
{
	for (int waited = 0;; waited += 10) {
		if (holds(ctx))
			return true;
		if (waited >= timeout_ms)
			return false;
		(void)usleep(10000);
	}
}

struct wanted_line {
	const struct run *run;
	const char *line;
};

static bool line_is_there(const void *ctx)
{
	const struct wanted_line *wanted = ctx;
	FILE *file = fopen(file_of(wanted->run->name, ".out"), "re");
	char room[4096];
	size_t n = file ? fread(room, 1, sizeof(room) - 1, file) : 0;

	if (file)
		(void)fclose(file);
	room[n] = '\0';
	return strstr(room, wanted->line) != NULL;
}

void wait_for_line(const struct run *run, const char *line)
{
	const struct wanted_line wanted = { run, line };

	if (!becomes_true(line_is_there, &wanted, LINE_WAIT_MS))
		fail_msg("job %s never said \"%s\": %s", run->name, line,
			 read_all(file_of(run->name, ".err")));
}

const char *run_cgroup(const struct run *run)
{
	return text(CGROUP_ROOT "/%s", run->name);
}

size_t run_tasks(const struct run *run, pid_t *ret_pids, size_t cap)
{
	FILE *file = fopen(text("%s/cgroup.procs", run_cgroup(run)), "re");
	size_t n = 0;
	int pid;

	while (file && n < cap && fscanf(file, "%d", &pid) == 1)
		ret_pids[n++] = pid;
	if (file)
		(void)fclose(file);
	return n;
}

/* --- logs and results ----------------------------------------------------------------------------
 */

static bool is_type(const json_t *record, const char *type)
{
	const char *got = json_string_value(json_object_get(record, "type"));

	return got &&
	       (!strcmp(got, type) || (!strcmp(type, "violation") && !strcmp(got, "escape")));
}

size_t count_records(const json_t *log, const char *type)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(log); i++)
		n += is_type(json_array_get(log, i), type);
	return n;
}

static const json_t *result_at(const struct run *run, const char *path)
{
	const json_t *at = run->result;
	char *copy = text("%s", path);

	if (!at)
		fail_msg("job %s left no result; it said: %s", run->name, run->err);
	for (char *word = strtok(copy, "."); word; word = strtok(NULL, "."))
		at = json_object_get(at, word);
	return at;
}

long long result_number(const struct run *run, const char *path)
{
	return json_integer_value(result_at(run, path));
}

const char *result_text(const struct run *run, const char *path)
{
	const char *value = json_string_value(result_at(run, path));

	return value ? value : "";
}

/* A number of a record's own members: quotes inside strings are escaped, so nothing else fits. */
static long long number_in(const char *line, const char *key)
{
	char word[32];
	const char *at;

	(void)snprintf(word, sizeof(word), "\"%s\":", key);
	at = strstr(line, word);
	return at ? atoll(at + strlen(word)) : 0;
}

struct reading {
	struct account account;
	long long next; /* sequence number */
	long long late; /* announced to follow out of order; 0: none */
};

static void account_lost(const char *line, struct reading *reading)
{
	long long count = number_in(line, "count"), from = number_in(line, "from");

	reading->account.lost += count;
	if (count < 0) {
		reading->late = from;
		return;
	}
	assert_int_equal(from, reading->next);
	reading->next = number_in(line, "to") + 1;
}

static void account_line(const char *line, struct reading *reading)
{
	if (strstr(line, "\"type\":\"lost\"")) {
		account_lost(line, reading);
	} else if (strstr(line, "\"type\":\"violation\"") || strstr(line, "\"type\":\"escape\"")) {
		assert_int_equal(number_in(line, "seq"),
				 reading->late ? reading->late : reading->next);
		reading->next += !reading->late;
		reading->late = 0;
		reading->account.lines++;
		reading->account.logged += strstr(line, "\"verdict\":\"logged\"") != NULL;
	} else if (strstr(line, "\"type\":\"summary\"")) {
		reading->account.limited += number_in(line, "limited");
	}
}

void check_accounts(const struct run *run, long long refusals, struct account *ret_account)
{
	long long counted = result_number(run, "metrics.violations");
	FILE *file = fopen(run->log_path, "re");
	struct reading reading = { .next = 1 };
	struct account account;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		account_line(line, &reading);
	free(line);
	if (file)
		(void)fclose(file);
	account = reading.account;
	if (refusals < 0)
		refusals = counted;
	if (account.lines - account.logged + account.lost + account.limited != refusals ||
	    counted != refusals)
		fail_msg("%s: %lld lines (%lld only logged) + %lld lost + %lld limited are not "
			 "%lld refusals (the "
			 "result counts %lld)",
			 run->name, account.lines, account.logged, account.lost, account.limited,
			 refusals, counted);
	assert_int_equal(result_number(run, "metrics.events.lines"), account.lines);
	assert_int_equal(result_number(run, "metrics.events.lost"), account.lost);
	assert_int_equal(result_number(run, "metrics.events.limited"), account.limited);
	assert_int_equal(result_number(run, "metrics.events.write_errors"), 0);
	if (ret_account)
		*ret_account = account;
}

/* --- commands and leftovers ----------------------------------------------------------------------
 */

const char *output_of(const char *const *argv, int *ret_status)
{
	const char *path = T "/output";
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (ret_status)
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return read_all(path);
}

const char *mechanism(void)
{
	static const char key[] = "\"mechanism\": \"";
	const char *said =
		output_of((const char *const[]){ sbx_bin(), "load", "--json", NULL }, NULL);
	const char *at = strstr(said, key);

	if (!at)
		fail_msg("load --json names no mechanism: %s", said);
	at += sizeof(key) - 1;
	return text("%.*s", (int)strcspn(at, "\""), at);
}

bool kernel_preempts(void)
{
	const char *modes = slurp("/sys/kernel/debug/sched/preempt");

	if (!modes)
		skip_because("/sys/kernel/debug/sched/preempt cannot be read");
	return strstr(modes, "(full)") || strstr(modes, "(lazy)");
}

/* The first entry that is no canary, or NULL. */
static const char *first_entry(const char *dir, bool only_dirs)
{
	DIR *entries = opendir(dir);
	const char *found = NULL;
	struct dirent *entry;

	while (entries && !found && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || (only_dirs && entry->d_type != DT_DIR))
			continue;
		found = text("%s/%s", dir, entry->d_name);
	}
	if (entries)
		(void)closedir(entries);
	return found;
}

void check_no_leftovers(void)
{
	const char *cgroup = first_entry(CGROUP_ROOT, true);
	const char *record = first_entry(JOBS_DIR, false);
	uint64_t keys[8];
	int jobs;

	if (cgroup)
		fail_msg("the cgroup %s is still there", cgroup);
	if (record)
		fail_msg("the record %s is still there", record);
	if (!pins_dir())
		return;
	jobs = open_map("sbx_job_state"); /* the resident canary is one */
	assert_int_equal(map_keys(jobs, keys, ARRAY_SIZE(keys)), 1);
	(void)close(jobs);
}

// SPDX-License-Identifier: GPL-2.0-only
/* One job from its policy text to what it left behind. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define DEADLINE_S 240 /* a job of many rows under emulation */
#define ARGS_MAX 64    /* words around the command */

/* What a stream has brought so far. */
struct stream {
	int fd; /* -1: at its end */
	char *bytes;
	size_t len;
};

/* A running job: its table and how far it has come. */
struct running {
	const struct job *job;
	pid_t pid;
	int in_fd;
	struct stream out;
	struct stream err;
	size_t row;
	size_t line_start; /* of the line that is being read */
};

static struct running *current;

static char *path_in(const char *name)
{
	return text("%s/%s", scratch_dir(), name);
}

static void write_policy(const char *policy)
{
	FILE *file = fopen(path_in("policy.yaml"), "we");

	assert_non_null(file);
	assert_int_not_equal(fputs(policy, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static size_t add_words(char **argv, size_t n, const char *const *words)
{
	for (; words && *words; words++) {
		assert_true(n < ARGS_MAX);
		argv[n++] = (char *)(uintptr_t)*words;
	}
	return n;
}

static char **build_argv(const struct job *job)
{
	const char *const fixed[] = { sbx_bin(),
				      "run",
				      "-q",
				      "--policy",
				      path_in("policy.yaml"),
				      "--audit",
				      path_in("log.jsonl"),
				      "--result",
				      path_in("result.json"),
				      NULL };
	const char *const dashes[] = { "--", NULL };
	const char *const level[] = { getenv("SBX_REQUIRE") ? "--require" : NULL,
				      getenv("SBX_REQUIRE"), NULL };
	char **command = (char **)(uintptr_t)job->argv;
	size_t n_command = 0, n = 0;
	char **argv;

	if (!command)
		command = rows_argv(ACT, job->rows, job->n_rows);
	while (command[n_command])
		n_command++;
	argv = keep_memory((ARGS_MAX + n_command + 1) * sizeof(*argv));
	n = add_words(argv, n, job->wrapper);
	n = add_words(argv, n, fixed);
	n = add_words(argv, n, level);
	n = add_words(argv, n, job->options);
	n = add_words(argv, n, dashes);
	memcpy(argv + n, command, (n_command + 1) * sizeof(*argv));
	return argv;
}

static void make_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

static void start(struct running *run, char **argv)
{
	const struct job *job = run->job;
	int in[2], out[2], err[2];

	make_pipe(in);
	make_pipe(out);
	make_pipe(err);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (!run->pid) {
		(void)dup2(job->in_fd ? job->in_fd : in[0], STDIN_FILENO);
		(void)dup2(job->out_fd ? job->out_fd : out[1], STDOUT_FILENO);
		(void)dup2(job->err_fd ? job->err_fd : err[1], STDERR_FILENO);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	(void)close(err[1]);
	run->in_fd = in[1];
	run->out = (struct stream){ .fd = out[0] };
	run->err = (struct stream){ .fd = err[0] };
}

static void stream_read(struct stream *stream)
{
	char *bytes = realloc(stream->bytes, stream->len + 65537);
	ssize_t n;

	assert_non_null(bytes);
	stream->bytes = bytes;
	n = read(stream->fd, bytes + stream->len, 65536);
	if (n <= 0) {
		(void)close(stream->fd);
		stream->fd = -1;
		n = 0;
	}
	stream->len += (size_t)n;
	bytes[stream->len] = '\0';
}

/* Each finished line is a row's; a row with a host part then has its turn. */
static void follow_rows(struct running *run)
{
	const struct job *job = run->job;
	char *end;

	if (!run->out.bytes || !job->rows)
		return;
	while ((end = strchr(run->out.bytes + run->line_start, '\n')) != NULL) {
		run->line_start = (size_t)(end - run->out.bytes) + 1;
		while (run->row < job->n_rows && !job->rows[run->row].result)
			run->row++;
		if (run->row < job->n_rows && job->rows[run->row].host) {
			job->rows[run->row].host();
			assert_int_equal(write(run->in_fd, "g", 1), 1);
		}
		run->row++;
	}
}

static void pump(struct running *run)
{
	time_t deadline = time(NULL) + DEADLINE_S;

	while (run->out.fd >= 0 || run->err.fd >= 0) {
		struct pollfd fds[] = { { run->out.fd, POLLIN, 0 }, { run->err.fd, POLLIN, 0 } };

		if (poll(fds, 2, 1000) > 0) {
			if (fds[0].revents)
				stream_read(&run->out);
			if (fds[1].revents)
				stream_read(&run->err);
			follow_rows(run);
		}
		if (time(NULL) > deadline) {
			(void)kill(run->pid, SIGKILL);
			fail_msg("the job did not end in %d s; it said: %s%s", DEADLINE_S,
				 run->out.bytes ? run->out.bytes : "",
				 run->err.bytes ? run->err.bytes : "");
		}
	}
}

static json_t *load_log(void)
{
	FILE *file = fopen(path_in("log.jsonl"), "re");
	json_t *log = json_array();
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		if (!record)
			fail_msg("a line of the log is no JSON: %s", line);
		assert_int_equal(json_array_append_new(log, record), 0);
	}
	free(line);
	if (file)
		(void)fclose(file);
	return log;
}

static json_t *pick_events(const json_t *log)
{
	json_t *events = json_array();

	for (size_t i = 0; i < json_array_size(log); i++) {
		json_t *record = json_array_get(log, i);
		const char *type = json_string_value(json_object_get(record, "type"));

		if (type && (!strcmp(type, "violation") || !strcmp(type, "escape")))
			assert_int_equal(json_array_append(events, record), 0);
	}
	return events;
}

static int wait_status(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void collect(struct running *run, struct outcome *outcome)
{
	(void)close(run->in_fd);
	outcome->status = wait_status(run->pid);
	outcome->out = run->out.bytes;
	outcome->out_len = run->out.len;
	outcome->err = run->err.bytes;
	outcome->log = load_log();
	outcome->events = pick_events(outcome->log);
	outcome->result = json_load_file(path_in("result.json"), 0, NULL);
}

void run_job(const struct job *job, struct outcome *ret_outcome)
{
	struct running run = { .job = job };

	write_policy(job->policy);
	(void)unlink(path_in("log.jsonl"));
	(void)unlink(path_in("result.json"));
	start(&run, build_argv(job));
	current = &run;
	pump(&run);
	current = NULL;
	collect(&run, ret_outcome);
	if (ret_outcome->status == 125)
		fail_msg("sbx-bpf failed: %s", ret_outcome->err);
	if (job->rows && !job->out_fd)
		check_results(job->rows, job->n_rows, ret_outcome->out,
			      text("; %s\n  standard error: %s", list_events(ret_outcome->events),
				   ret_outcome->err));
	if (job->loose)
		return;
	check_events(job->policy, ret_outcome, job->rows, job->n_rows);
	if (ret_outcome->status)
		fail_msg("exit status %d; standard error: %s", ret_outcome->status,
			 ret_outcome->err);
}

void outcome_free(struct outcome *outcome)
{
	free(outcome->out);
	free(outcome->err);
	json_decref(outcome->events);
	json_decref(outcome->log);
	json_decref(outcome->result);
	*outcome = (struct outcome){ 0 };
}

void check_rows(const char *policy, const struct row *rows, size_t n)
{
	const struct job job = { .policy = policy, .rows = rows, .n_rows = n };
	struct outcome outcome = { 0 };

	run_job(&job, &outcome);
	outcome_free(&outcome);
}

void check_outside(const struct row *rows, size_t n)
{
	char **argv = rows_argv(ACT, rows, n);
	struct stream out = { 0 };
	int fds[2];
	pid_t pid;

	make_pipe(fds);
	pid = fork();
	if (!pid) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	(void)close(fds[1]);
	out.fd = fds[0];
	while (out.fd >= 0)
		stream_read(&out);
	assert_int_equal(wait_status(pid), 0);
	check_results(rows, n, out.bytes, " outside any job");
	free(out.bytes);
}

/* The start record is in the log before the command runs. */
const char *job_cgroup(void)
{
	json_t *log = load_log();
	const char *cgroup = json_string_value(json_object_get(json_array_get(log, 0), "cgroup"));
	char *path;

	if (!current || !cgroup)
		fail_msg("no job is running");
	path = text("%s", cgroup);
	json_decref(log);
	return path;
}

pid_t job_pid(void)
{
	char *procs = slurp(text("%s/cgroup.procs", job_cgroup()));

	if (!procs || !atoi(procs))
		fail_msg("the job's cgroup is empty");
	return atoi(procs);
}

static pid_t stopped; /* the launcher, between stop_launcher and wake_launcher */

void stop_launcher(void)
{
	char *stat = slurp(text("/proc/%d/stat", job_pid()));
	const char *after = stat ? strrchr(stat, ')') : NULL;

	assert_non_null(after);
	assert_int_equal(sscanf(after, ") %*c %d", &stopped), 1);
	assert_int_equal(kill(stopped, SIGSTOP), 0);
}

void wake_launcher(void)
{
	assert_int_equal(kill(stopped, SIGCONT), 0);
}

// SPDX-License-Identifier: GPL-2.0-only
/* What talks to a job from outside: a further command, and the request to end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#define STOP_AGAIN_MS 300 /* a second request sooner would count as the first */
#define CLEAN_MS 15000	  /* for the job's end after its tasks are dead */

static int no_job(const char *job, struct sbx_error *err)
{
	return sbx_fail(err, ENOENT, "sbx-bpf ps shows what there is", "there is no job \"%.80s\"",
			job);
}

static int look(const char *job, struct sbx_state *ret_state, struct sbx_error *err)
{
	bool alive = false;
	int r = sbx_state_look(job, ret_state, &alive);

	if (r == -EACCES || r == -EPERM)
		return sbx_fail(err, EPERM, "run it as root", "jobs are root's");
	if (r)
		return no_job(job, err);
	if (!alive)
		return sbx_fail(err, ENOENT, "run: sbx-bpf gc",
				"the supervisor of job \"%s\" was killed", job);
	return 0;
}

static int connect_to(const char *job, int *ret_fd, struct sbx_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	sbx_cleanup(sbx_closep) int dir_fd = -1;
	sbx_cleanup(sbx_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[600];

	(void)snprintf(path, sizeof(path), "%s/%s", sbx_state_jobs_dir(), job);
	dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		       SBX_DOOR_FILE);
	if (fd < 0 || dir_fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return sbx_fail(err, errno, "it may just have begun, or be about to end: try again",
				"job \"%s\" takes no command: %s", job, sbx_errno_name(errno));
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

static int ask(int fd, char *const *argv, struct sbx_error *err)
{
	static const int standard[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	sbx_cleanup(sbx_buf_free) struct sbx_buf words = { 0 };
	struct sbx_request_head head = { 0 };
	int r;

	while (argv[head.n_args])
		head.n_args++;
	while (environ && environ[head.n_env])
		head.n_env++;
	sbx_buf_add(&words, (const char *)&head, sizeof(head));
	r = sbx_wire_pack(&words, argv);
	if (!r)
		r = sbx_wire_pack(&words, environ);
	if (!r)
		r = sbx_wire_send(fd, SBX_WORD_REQUEST, words.text, words.len, standard);
	/* Who refuses has said so and gone: that is read next. */
	return r && r != -EPIPE && r != -ECONNRESET
		       ? sbx_fail(err, -r, NULL, "cannot ask for the command: %s",
				  sbx_errno_name(r))
		       : 0;
}

static void forward_signals(int signal_fd, int fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			(void)sbx_wire_send(fd, SBX_WORD_SIGNAL, &info.ssi_signo,
					    sizeof(info.ssi_signo), NULL); /* it may be gone */
	}
}

static int take_answer(const struct sbx_message *message, struct sbx_run_result *ret_result,
		       struct sbx_error *err)
{
	struct sbx_answer_head head;

	if (message->word == SBX_WORD_FAILED && message->len == sizeof(*err)) {
		memcpy(err, message->bytes, sizeof(*err));
		return -EIO;
	}
	if (message->word != SBX_WORD_RESULT || message->len < sizeof(head))
		return sbx_fail(err, EBADMSG, NULL, "the job's answer cannot be read");
	memcpy(&head, message->bytes, sizeof(head));
	if (head.end == SBX_END_SETUP)
		(void)sbx_fail(err, EIO, NULL, "%.1000s", head.message);
	ret_result->end = (enum sbx_end)head.end;
	ret_result->exit_status = head.status;
	memcpy(ret_result->message, head.message, sizeof(head.message));
	ret_result->json =
		json_loadb(message->bytes + sizeof(head), message->len - sizeof(head), 0, NULL);
	return 0;
}

static int wait_for_answer(const struct sbx_signals *signals, int fd,
			   struct sbx_run_result *ret_result, struct sbx_error *err)
{
	struct sbx_message message = { .fds = { -1, -1, -1 } };
	int r;

	for (;;) {
		struct pollfd items[] = { { .fd = signals->fd, .events = POLLIN },
					  { .fd = fd, .events = POLLIN } };

		if (poll(items, 2, -1) < 0)
			continue; /* a signal */
		if (items[0].revents)
			forward_signals(signals->fd, fd);
		if (items[1].revents)
			break;
	}
	r = sbx_wire_receive(fd, &message);
	if (r)
		return sbx_fail(err, EPIPE, NULL, "the command was ended with its job");
	r = take_answer(&message, ret_result, err);
	sbx_message_free(&message);
	return r;
}

int sbx_job_exec(const char *job, char *const *argv, const char *result_path,
		 struct sbx_run_result *ret_result, struct sbx_error *err)
{
	struct sbx_run_result result = { .end = SBX_END_SETUP };
	struct sbx_result_sink sink = { .fd = -1, .dir_fd = -1 };
	struct sbx_signals signals = { .fd = -1 };
	sbx_cleanup(sbx_closep) int fd = -1;
	struct sbx_state state;
	struct sbx_error why = { 0 };
	int r = sbx_result_open(result_path, &sink, err);

	if (r)
		return r;
	r = look(job, &state, err);
	if (!r)
		r = connect_to(job, &fd, err);
	if (!r)
		r = ask(fd, argv, err);
	if (!r) {
		r = sbx_signals_take(&signals);
		if (r)
			(void)sbx_fail(err, -r, NULL, "cannot take over signals: %s",
				       sbx_errno_name(r));
	}
	if (!r)
		r = wait_for_answer(&signals, fd, &result, err);
	sbx_signals_give_back(&signals);
	if (!r && sbx_result_write(&sink, result.json, &why))
		sbx_log_error(&why);
	sbx_result_close(&sink);
	if (!r)
		*ret_result = result;
	return r;
}

/* Field 22 of its stat is asked for once more: a number can come to mean another process. */
static int open_supervisor(const struct sbx_state *state, int *ret_fd)
{
	sbx_cleanup(sbx_closep) int fd = (int)syscall(SYS_pidfd_open, state->launcher, 0);

	if (fd < 0)
		return -errno;
	if (sbx_process_start(state->launcher) != state->launcher_start)
		return -ESRCH;
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

static bool has_ended(int pid_fd, __u64 timeout_ms)
{
	struct pollfd item = { .fd = pid_fd, .events = POLLIN };
	__u64 deadline = sbx_now_ms() + timeout_ms;

	for (;;) {
		__u64 now = sbx_now_ms();
		int r = poll(&item, 1, now < deadline ? (int)(deadline - now) : 0);

		if (r > 0 || (!r && now >= deadline))
			return r > 0;
	}
}

/* Its launcher is gone; now the record, which goes last. */
static int wait_for_record(const char *job, const struct sbx_state *before, struct sbx_error *err)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	__u64 deadline = sbx_now_ms() + CLEAN_MS;

	do {
		struct sbx_state state;
		bool alive;

		if (sbx_state_look(job, &state, &alive) ||
		    state.launcher_start != before->launcher_start)
			return 0;
		if (!alive)
			return sbx_fail(err, EIO, "run: sbx-bpf gc",
					"job \"%s\" has ended, but is not cleaned up", job);
		(void)nanosleep(&pause, NULL); /* a shorter pause does no harm */
	} while (sbx_now_ms() < deadline);
	return sbx_fail(err, ETIMEDOUT, "run: sbx-bpf gc",
			"job \"%s\" has ended, but its watchdog still works", job);
}

int sbx_job_stop(const char *job, int grace_ms, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int pid_fd = -1;
	struct sbx_state state;
	int r = look(job, &state, err);

	if (r)
		return r;
	r = open_supervisor(&state, &pid_fd);
	/* A job's first request lets it end, the second kills it. */
	for (int i = 0; !r && i < 2; i++) {
		int wait_ms = i ? SBX_KILL_MS * 3 : grace_ms;

		if (syscall(SYS_pidfd_send_signal, pid_fd, SIGTERM, NULL, 0))
			r = errno == ESRCH ? 0 : -errno;
		if (r ||
		    has_ended(pid_fd, (__u64)(wait_ms > STOP_AGAIN_MS ? wait_ms : STOP_AGAIN_MS)))
			break;
		if (i)
			(void)syscall(SYS_pidfd_send_signal, pid_fd, SIGKILL, NULL,
				      0); /* it is stuck: its watchdog ends the job */
	}
	if (r && r != -ESRCH)
		return sbx_fail(err, -r, NULL, "cannot stop job \"%s\": %s", job,
				sbx_errno_name(r));
	return wait_for_record(job, &state, err);
}

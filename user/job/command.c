// SPDX-License-Identifier: GPL-2.0-only
/*
 * The launcher of a further command in a job: a fork of the job's supervisor, which has all that a
 * launcher needs in memory.  It runs one command as any launcher does, tells the supervisor what
 * belongs into the log, and the client how it ended; when the client goes, the command is ended.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"

#define REQUEST_S 10 /* a client has said by then what it wants */

struct request {
	struct sbx_message message;
	char **argv;
	char **env;
};

/* What a fork of the supervisor must not hold: the job's lock, its log, other commands. */
static void let_go(struct sbx_run *host)
{
	sbx_state_close(&host->state);
	sbx_door_close(SBX_TAKE(host->door, NULL));
	sbx_ring_close(SBX_TAKE(host->ring, NULL));
	sbx_skips_close(SBX_TAKE(host->skips, NULL));
	sbx_audit_close(SBX_TAKE(host->log, NULL));
	sbx_closep(&host->watchdog.pid_fd);
	sbx_closep(&host->child.pid_fd);
	sbx_closep(&host->child.status_fd);
	sbx_closep(&host->pty.fd);
	sbx_closep(&host->pty.peer_fd);
}

static int read_request(int fd, struct request *ret_request, struct sbx_error *err)
{
	const struct timeval wait = { .tv_sec = REQUEST_S };
	const struct timeval forever = { 0 };
	struct request request = { .message = { .fds = { -1, -1, -1 } } };
	struct sbx_request_head head;
	size_t at = sizeof(head);
	int r;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)); /* a courtesy */
	r = sbx_wire_receive(fd, &request.message);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever)); /* likewise */
	if (!r && (request.message.word != SBX_WORD_REQUEST || request.message.len < sizeof(head)))
		r = -EBADMSG;
	if (!r) {
		memcpy(&head, request.message.bytes, sizeof(head));
		request.argv = sbx_wire_unpack(&request.message, &at, head.n_args);
		request.env = sbx_wire_unpack(&request.message, &at, head.n_env);
		if (!request.argv || !request.env || !head.n_args)
			r = -EBADMSG;
	}
	*ret_request = request;
	return r ? sbx_fail(err, -r, NULL, "the request for a command cannot be read: %s",
			    sbx_errno_name(r))
		 : 0;
}

/* The client's descriptors become this process's own, as a launcher has them. */
static int take_descriptors(const struct request *request, const struct sbx_policy *policy,
			    struct sbx_error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (request->message.fds[fd] < 0 || dup2(request->message.fds[fd], fd) < 0)
			return sbx_fail(err, EBADF, NULL, "descriptor %d did not arrive", fd);
	}
	return sbx_job_check_descriptors(policy, err);
}

static int mark_own(const struct sbx_run *run, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int r = fd < 0 ? -errno : sbx_engine_keep(run->engine, fd);

	return r ? sbx_fail(err, -r, NULL, "cannot protect the command's launcher: %s",
			    sbx_errno_name(r))
		 : 0;
}

/* Tells the supervisor and takes its answer. */
static int ask_host(struct sbx_run *run, enum sbx_word word, const void *bytes, size_t len)
{
	struct sbx_message reply = { .fds = { -1, -1, -1 } };
	int r = sbx_wire_send(run->command->host_fd, word, bytes, len, NULL);

	if (!r)
		r = sbx_wire_receive(run->command->host_fd, &reply);
	if (!r && (reply.word != SBX_WORD_FACTS || reply.len != sizeof(run->facts)))
		r = -EBADMSG;
	if (!r)
		memcpy(&run->facts, reply.bytes, sizeof(run->facts));
	sbx_message_free(&reply);
	return r ? r : run->facts.error;
}

/* The log's record of the command comes before whatever the command does. */
static int begin(struct sbx_run *run, struct sbx_error *err)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf words = { 0 };
	int r = sbx_wire_pack(&words, run->options->argv);

	if (!r)
		r = sbx_engine_state(run->engine, run->binding.job, &run->command->before);
	if (!r)
		r = sbx_cgroup_figures(&run->cgroup, &run->command->figures_before);
	if (!r)
		r = ask_host(run, SBX_WORD_BEGIN, words.text, words.len);
	return r ? sbx_fail(err, -r, NULL, "the job's log cannot be written: %s", sbx_errno_name(r))
		 : 0;
}

bool sbx_command_listen(struct sbx_run *run)
{
	struct sbx_message message = { .fds = { -1, -1, -1 } };
	int r = sbx_wire_receive(run->command->client_fd, &message);
	__u32 sig = 0;

	if (!r && message.word == SBX_WORD_SIGNAL && message.len == sizeof(sig))
		memcpy(&sig, message.bytes, sizeof(sig));
	sbx_message_free(&message);
	if (r || !sig)
		sbx_closep(&run->command->client_fd);
	else if (sig < NSIG)
		(void)kill(getpid(), (int)sig); /* taken as if it had come by itself */
	return r != 0;
}

/* Counters and figures are the job's: what was there before is not this command's. */
void sbx_command_settle(struct sbx_run *run)
{
	struct sbx_command *command = run->command;
	struct sbx_cgroup_figures own = { 0 };
	__u32 pid = (__u32)run->child.pid;

	(void)ask_host(run, SBX_WORD_SETTLE, &pid, sizeof(pid)); /* a dead one: the job is over */
	run->guard_killed = run->facts.guard_killed;
	memcpy(run->denied_exec, run->facts.denied_exec, sizeof(run->denied_exec));
	if (!sbx_cgroup_figures(run->tree, &own)) {
		run->figures.cpu_user_us = own.cpu_user_us;
		run->figures.cpu_system_us = own.cpu_system_us;
	}
	run->figures.oom_kills -= command->figures_before.oom_kills;
	run->figures.pids_max_hits -= command->figures_before.pids_max_hits;
	run->figures.cpu_throttled -= command->figures_before.cpu_throttled;
	if (run->figures.has_io) {
		run->figures.read_bytes -= command->figures_before.read_bytes;
		run->figures.write_bytes -= command->figures_before.write_bytes;
	}
}

static void subtract_counters(struct sbx_run *run)
{
	const struct sbx_job_state *before = &run->command->before;

	run->counters.refused -= before->refused;
	run->counters.limited -= before->limited;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(before->escapes); i++)
		run->counters.escapes[i] -= before->escapes[i];
}

/* To the log, for its hash, and then to the client. */
static void report(struct sbx_run *run)
{
	struct sbx_answer_head head = { .end = run->outcome.end, .status = run->outcome.status };
	sbx_cleanup(sbx_buf_free) struct sbx_buf answer = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;
	json_t *result;

	subtract_counters(run);
	if (run->options->policy->root.overlay == SBX_OVERLAY_DIFF)
		run->changes = sbx_changes_list(&run->keeper, &run->options->policy->root);
	result = sbx_result_build(run);
	text = json_dumps(result, JSON_COMPACT);
	json_decref(result);
	(void)ask_host(run, SBX_WORD_END, text, text ? strlen(text) : 0); /* the job may be over */
	sbx_freep(&text);
	result = sbx_result_build(run); /* now with the record's hash */
	text = json_dumps(result, JSON_COMPACT);
	json_decref(result);
	memcpy(head.message, run->outcome.message, sizeof(head.message));
	sbx_buf_add(&answer, (const char *)&head, sizeof(head));
	sbx_buf_puts(&answer, text ? text : "");
	if (!answer.error && run->command->client_fd >= 0)
		(void)sbx_wire_send(run->command->client_fd, SBX_WORD_RESULT, answer.text,
				    answer.len, NULL); /* it may be gone */
}

static int start(struct sbx_run *run, struct sbx_signals *signals, struct sbx_error *err)
{
	int r = sbx_signals_take(signals);

	if (r)
		return sbx_fail(err, -r, NULL, "cannot take over signals: %s", sbx_errno_name(r));
	r = mark_own(run, err);
	if (!r)
		r = sbx_run_open_terminal(run, err);
	if (!r)
		r = begin(run, err);
	return r ? r : sbx_run_launch(run, err);
}

void sbx_command_run(struct sbx_run *host, int client_fd, int host_fd,
		     const struct sbx_cgroup *tree)
{
	static char title[] = "sbx-bpf-exec";
	struct sbx_command command = { .client_fd = client_fd, .host_fd = host_fd };
	struct sbx_cgroup own_tree = *tree;
	struct sbx_signals signals = { .fd = -1 };
	struct request request = { 0 };
	struct sbx_run_options options = *host->options;
	struct sbx_error err = { 0 };
	struct sbx_run run;
	int r;

	sbx_process_rename(title, sizeof(title));
	let_go(host);
	run = *host;
	memset(&run.outcome, 0, sizeof(run.outcome));
	memset(&run.facts, 0, sizeof(run.facts));
	run.options = &options;
	run.command = &command;
	run.tree = &own_tree;
	run.child = (struct sbx_child){ .pid_fd = -1, .status_fd = -1 };
	run.watchdog = (struct sbx_watchdog){ .pid_fd = -1 };
	run.start_us = sbx_now_us();
	run.exec_us = run.end_us = 0;
	r = read_request(client_fd, &request, &err);
	if (!r)
		r = take_descriptors(&request, options.policy, &err);
	if (!r) {
		options.argv = request.argv;
		environ = request.env;
		r = start(&run, &signals, &err);
	}
	if (r) {
		(void)sbx_wire_send(client_fd, SBX_WORD_FAILED, &err, sizeof(err),
				    NULL); /* it may be gone */
		_exit(SBX_EXIT_FAILURE);
	}
	sbx_supervise(&run, &signals);
	report(&run);
	_exit(0);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a job's supervisor hears of further commands.  A client that connects gets a launcher, a
 * fork of this process, before it has said a word: nobody but its own launcher waits for it.  When
 * a launcher ends, whatever it left in its command's cgroup is killed; so a launcher that is killed
 * takes its command with it.
 *
 * The socket lies where only root comes, and who connects must be root.  A job may not, even as
 * root: by a rule (job/rules.c), and where that is not enforced (mode audit, best effort) because
 * its cgroup tells.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"

#define COMMANDS_MAX 256 /* at once in one job */
#define NOTES 64	 /* commands that were killed or refused, and not asked about yet */
#define WAIT_S 5	 /* for the rest of a launcher's message */
#define END_MS 1000	 /* for what a launcher left */
#define EVENTS 16

struct command {
	pid_t launcher; /* 0: this place is free */
	unsigned long number;
	int fd;
	struct sbx_cgroup tree;
	__u64 deadline_ms; /* when its launcher is stuck */
};

struct note {
	__u32 pid; /* 0: none */
	bool killed;
	char denied_exec[512];
};

struct sbx_door {
	int fd;
	int epoll_fd;
	unsigned long number; /* of the last command */
	bool shut;
	size_t n_commands;
	struct command commands[COMMANDS_MAX];
	struct note notes[NOTES];
	size_t next_note;
};

int sbx_door_fd(const struct sbx_door *door)
{
	return door ? door->epoll_fd : -1;
}

bool sbx_door_is_empty(const struct sbx_door *door)
{
	return door->shut && !door->n_commands;
}

static int watch_fd(struct sbx_door *door, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(door->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int listen_at(const struct sbx_run *run, struct sbx_door *door)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* By the directory's descriptor: a path may be longer than an address. */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		       run->state.dir_fd, SBX_DOOR_FILE);
	door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	door->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (door->fd < 0 || door->epoll_fd < 0 ||
	    bind(door->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(door->fd, SOMAXCONN))
		return -errno;
	return watch_fd(door, door->fd);
}

int sbx_door_open(struct sbx_run *run, struct sbx_error *err)
{
	struct sbx_door *door = calloc(1, sizeof(*door));
	int r;

	if (!door)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the job");
	door->fd = -1;
	door->epoll_fd = -1;
	r = listen_at(run, door);
	if (r) {
		sbx_door_close(door);
		return sbx_fail(err, -r, NULL, "cannot listen for further commands: %s",
				sbx_errno_name(r));
	}
	run->door = door;
	return 0;
}

void sbx_door_close(struct sbx_door *door)
{
	if (!door)
		return;
	for (size_t i = 0; i < COMMANDS_MAX && door->n_commands; i++) {
		if (!door->commands[i].launcher)
			continue;
		sbx_closep(&door->commands[i].fd);
		sbx_cgroup_close(&door->commands[i].tree);
	}
	sbx_closep(&door->fd);
	sbx_closep(&door->epoll_fd);
	free(door);
}

/* A cgroup below the job's: the limits are the job's, what is in it can be ended alone. */
static int make_tree(const struct sbx_run *run, unsigned long number, struct sbx_cgroup *ret_tree)
{
	struct sbx_cgroup tree = { .fd = -1 };
	int n = snprintf(tree.path, sizeof(tree.path), "%s/%lu", run->cgroup.path, number);

	if (n < 0 || (size_t)n >= sizeof(tree.path))
		return -ENAMETOOLONG;
	if (mkdir(tree.path, 0755))
		return -errno;
	tree.fd = open(tree.path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (tree.fd < 0) {
		int r = -errno;

		(void)rmdir(tree.path); /* else the job's end removes it */
		return r;
	}
	*ret_tree = tree;
	return 0;
}

static struct command *free_place(struct sbx_door *door)
{
	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		if (!door->commands[i].launcher)
			return &door->commands[i];
	}
	return NULL;
}

/* 0, or why there is no launcher; the client's descriptor stays the caller's. */
static int start_launcher(struct sbx_run *run, int client_fd)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	struct sbx_door *door = run->door;
	struct command *command = free_place(door);
	struct sbx_cgroup tree = { .fd = -1 };
	int fds[2];
	pid_t pid;
	int r;

	if (!command)
		return -EAGAIN;
	r = make_tree(run, ++door->number, &tree);
	if (r)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		r = -errno;
		(void)sbx_cgroup_remove(&tree); /* else the job's end does */
		return r;
	}
	pid = fork();
	if (!pid) {
		(void)close(fds[0]);
		sbx_command_run(run, client_fd, fds[1], &tree);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		r = -errno;
		(void)close(fds[0]);
		(void)sbx_cgroup_remove(&tree); /* likewise */
		return r;
	}
	(void)setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)); /* a courtesy */
	*command = (struct command){
		.launcher = pid,
		.number = door->number,
		.fd = fds[0],
		.tree = tree,
		.deadline_ms = SBX_LIMIT_NONE,
	};
	door->n_commands++;
	return watch_fd(door, fds[0]);
}

/* In a cgroup below the one of all jobs; who cannot be looked at counts as in it. */
static bool is_in_job(const struct sbx_run *run, pid_t pid)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	const char *root = strrchr(sbx_engine_cgroup_root(run->engine), '/');
	char path[64];
	char part[SBX_NAME_MAX + 8];

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	(void)snprintf(part, sizeof(part), "%s/", root ? root : "");
	return pid <= 0 || sbx_file_read(path, &text, NULL) || strstr(text, part);
}

/* Why a client gets nothing, or NULL. */
static const char *refusal(const struct sbx_run *run, int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || who.uid != geteuid())
		return "only root may";
	if (is_in_job(run, who.pid))
		return "not from within a job";
	return run->door->shut ? "the job is about to end" : NULL;
}

static void refuse(int fd, int code, const char *why)
{
	struct sbx_error err = { 0 };

	(void)sbx_fail(&err, code, NULL, "the job takes no command: %s", why);
	(void)sbx_wire_send(fd, SBX_WORD_FAILED, &err, sizeof(err), NULL); /* it may be gone */
}

static void let_in(struct sbx_run *run)
{
	sbx_cleanup(sbx_closep) int fd = accept4(run->door->fd, NULL, NULL, SOCK_CLOEXEC);
	const char *why;
	int r;

	if (fd < 0)
		return;
	why = refusal(run, fd);
	if (why) {
		refuse(fd, EPERM, why);
		return;
	}
	r = start_launcher(run, fd);
	if (r)
		refuse(fd, -r,
		       r == -EAGAIN ? "too many run in it"
				    : "its supervisor cannot start a launcher");
}

static struct command *command_of_fd(struct sbx_door *door, int fd)
{
	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		if (door->commands[i].launcher && door->commands[i].fd == fd)
			return &door->commands[i];
	}
	return NULL;
}

void sbx_door_note(struct sbx_run *run, const struct sbx_event *event, size_t size)
{
	struct sbx_door *door = run->door;
	struct note *note = NULL;
	bool exec = event->op == SBX_OP_EXEC && event->verdict >= SBX_VERDICT_DENIED;

	if (event->verdict != SBX_VERDICT_KILLED && !exec)
		return;
	for (size_t i = 0; i < NOTES; i++) {
		if (door->notes[i].pid == event->pid)
			note = &door->notes[i];
	}
	if (!note) {
		note = &door->notes[door->next_note++ % NOTES];
		*note = (struct note){ .pid = event->pid };
	}
	note->killed |= event->verdict == SBX_VERDICT_KILLED;
	if (exec && !*note->denied_exec)
		sbx_run_describe(run, event, size, note->denied_exec, sizeof(note->denied_exec));
}

static void take_note(struct sbx_door *door, __u32 pid, struct sbx_log_facts *facts)
{
	for (size_t i = 0; i < NOTES && pid; i++) {
		struct note *note = &door->notes[i];

		if (note->pid != pid)
			continue;
		facts->guard_killed = note->killed;
		memcpy(facts->denied_exec, note->denied_exec, sizeof(facts->denied_exec));
		*note = (struct note){ 0 };
	}
}

/* The log's facts, after what a launcher tells was done. */
static int answer(struct sbx_run *run, struct command *command, const struct sbx_message *message)
{
	__u64 wall = run->options->policy->limits.wall_time_ms;
	struct sbx_log_facts facts = { 0 };
	size_t at = 0;
	__u32 pid = 0;

	while (sbx_ring_drain(run->ring) > 0)
		; /* what it cannot read, the counters show as lost */
	if (message->word == SBX_WORD_BEGIN) {
		sbx_cleanup(sbx_freep) char **argv =
			sbx_wire_unpack(message, &at, sbx_wire_count(message));

		facts.error = sbx_audit_command(run->log, command->number, argv);
		if (wall < SBX_LIMIT_NONE / 2)
			command->deadline_ms = sbx_now_ms() + wall + SBX_WATCHDOG_SLACK_MS;
	} else if (message->word == SBX_WORD_SETTLE && message->len == sizeof(pid)) {
		memcpy(&pid, message->bytes, sizeof(pid));
		take_note(run->door, pid, &facts);
	} else if (message->word == SBX_WORD_END) {
		json_t *result = json_loadb(message->bytes, message->len, 0, NULL);

		sbx_audit_command_end(run->log, command->number, result);
		json_decref(result);
	} else {
		return -EBADMSG;
	}
	sbx_audit_flush(run->log, NULL, false);
	sbx_run_log_facts(run, &facts);
	return sbx_wire_send(command->fd, SBX_WORD_FACTS, &facts, sizeof(facts), NULL);
}

static void hear(struct sbx_run *run, struct command *command)
{
	struct sbx_message message = { .fds = { -1, -1, -1 } };
	int r = sbx_wire_receive(command->fd, &message);

	if (!r)
		r = answer(run, command, &message);
	sbx_message_free(&message);
	if (!r)
		return;
	sbx_closep(&command->fd); /* it ends, or is not ours any more: then it ends now */
	if (r != -ENODATA)
		(void)kill(command->launcher, SIGKILL); /* our child, not reaped */
}

void sbx_door_serve(struct sbx_run *run)
{
	struct sbx_door *door = run->door;
	struct epoll_event events[EVENTS];
	int n = epoll_wait(door->epoll_fd, events, EVENTS, 0);

	for (int i = 0; i < n; i++) {
		struct command *command = command_of_fd(door, events[i].data.fd);

		if (events[i].data.fd == door->fd)
			let_in(run);
		else if (command)
			hear(run, command);
	}
}

bool sbx_door_reap(struct sbx_run *run, pid_t pid)
{
	struct sbx_door *door = run->door;

	for (size_t i = 0; door && i < COMMANDS_MAX; i++) {
		struct command *command = &door->commands[i];

		if (command->launcher != pid || !pid)
			continue;
		(void)sbx_cgroup_kill(&command->tree, END_MS); /* empty, if it ended by itself */
		(void)sbx_cgroup_remove(&command->tree);       /* else the job's end does */
		sbx_closep(&command->fd);
		command->launcher = 0;
		door->n_commands--;
		return true;
	}
	return false;
}

void sbx_door_shut(struct sbx_run *run, int sig)
{
	struct sbx_door *door = run->door;

	door->shut = true;
	for (size_t i = 0; i < COMMANDS_MAX && sig; i++) {
		if (door->commands[i].launcher)
			(void)kill(door->commands[i].launcher, sig); /* our child, not reaped */
	}
}

__u64 sbx_door_deadline(struct sbx_run *run, __u64 now_ms)
{
	struct sbx_door *door = run->door;
	__u64 next = SBX_LIMIT_NONE;

	for (size_t i = 0; door && i < COMMANDS_MAX && door->n_commands; i++) {
		struct command *command = &door->commands[i];

		if (!command->launcher || command->deadline_ms == SBX_LIMIT_NONE)
			continue;
		if (command->deadline_ms <= now_ms) {
			(void)sbx_cgroup_write(command->tree.fd, "cgroup.kill", "1");
			command->deadline_ms = SBX_LIMIT_NONE; /* the launcher may go on now */
		} else if (command->deadline_ms < next) {
			next = command->deadline_ms;
		}
	}
	return next;
}

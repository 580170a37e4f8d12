/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Further commands in a job that is there.  Whoever supervises a job has a door, a Unix socket in
 * the job's state directory; for each client (`exec`) it makes a cgroup below the job's and forks.
 * The fork launches and supervises that one command as `run` does, with the policy, identity and
 * namespaces that it has in memory, and ends all that the command left.  Log and limits stay with
 * the supervisor.
 */
#ifndef SBX_JOB_KEPT_H
#define SBX_JOB_KEPT_H

#include <stddef.h>
#include <sys/types.h>

#include "job/parts.h"
#include "lib/buf.h"

#define SBX_DOOR_FILE "door" /* in the state directory */

/* --- wire.c: messages over a stream socket ------------------------------------------------- */

enum sbx_word {
	/* client -> its launcher */
	SBX_WORD_REQUEST = 1, /* arguments and environment; descriptors 0 to 2 */
	SBX_WORD_SIGNAL,      /* a __u32 */
	/* and back */
	SBX_WORD_FAILED, /* struct sbx_error: the command never ran */
	SBX_WORD_RESULT, /* struct sbx_answer_head, then the result's JSON */
	/* launcher -> the job's supervisor, which answers each by FACTS */
	SBX_WORD_BEGIN,	 /* arguments */
	SBX_WORD_SETTLE, /* a __u32: the command's process; it is dead, and all below it */
	SBX_WORD_END,	 /* the result's JSON */
	SBX_WORD_FACTS,	 /* struct sbx_log_facts */
};

struct sbx_message {
	enum sbx_word word;
	char *bytes; /* terminated; free it */
	size_t len;
	int fds[3]; /* of a REQUEST; -1: none */
};

/* 0 or a negative errno. `fds`: three descriptors, or NULL. */
int sbx_wire_send(int fd, enum sbx_word word, const void *bytes, size_t len, const int *fds);
/* -ENODATA: the other side has closed; -EBADMSG: no message of ours; -EAGAIN: none in time. */
int sbx_wire_receive(int fd, struct sbx_message *ret_message);
void sbx_message_free(struct sbx_message *message);
/* Strings one after the other, each with its NUL; `argv` may be NULL. 0 or -ENOMEM. */
int sbx_wire_pack(struct sbx_buf *buf, char *const *argv);
/* `n` strings as a NULL-terminated array that points into the message; *at moves on. */
char **sbx_wire_unpack(const struct sbx_message *message, size_t *at, __u32 n);
/* How many strings a message of nothing else holds. */
__u32 sbx_wire_count(const struct sbx_message *message);

struct sbx_answer_head {
	__u32 end; /* enum sbx_end */
	__s32 status;
	char message[2048];
};

/* A request's head; so many strings follow it. */
struct sbx_request_head {
	__u32 n_args;
	__u32 n_env;
};

/* --- door.c: the supervisor's side --------------------------------------------------------- */

struct sbx_door;

/* Opens it in the job's state directory. */
int sbx_door_open(struct sbx_run *run, struct sbx_error *err);
/* Readable when there is something for sbx_door_serve. */
int sbx_door_fd(const struct sbx_door *door);
void sbx_door_serve(struct sbx_run *run);
/* A child of ours that ended: true when it was a command's launcher. */
bool sbx_door_reap(struct sbx_run *run, pid_t pid);
/* Remembers what an event says of a process that may be the command of a launcher. */
void sbx_door_note(struct sbx_run *run, const struct sbx_event *event, size_t size);
/* No further command; signal `sig` (0: none) goes to those that run. */
void sbx_door_shut(struct sbx_run *run, int sig);
/* It is shut, and no command is left. */
bool sbx_door_is_empty(const struct sbx_door *door);
/* When some command is overdue though its launcher lives, and ends those; SBX_LIMIT_NONE: never. */
__u64 sbx_door_deadline(struct sbx_run *run, __u64 now_ms);
/* In a fork that is not the supervisor, too. NULL is fine. */
void sbx_door_close(struct sbx_door *door);

/* --- command.c: the launcher of one further command ----------------------------------------- */

struct sbx_command {
	int client_fd;
	int host_fd; /* the job's supervisor */
	struct sbx_job_state before;
	struct sbx_cgroup_figures figures_before;
};

/* In a fork of the supervisor: serves the client and exits. `tree` is the cgroup for it. */
void sbx_command_run(struct sbx_run *host, int client_fd, int host_fd,
		     const struct sbx_cgroup *tree) __attribute__((noreturn));
/* What the client says: a signal, which this process then gets; true: it is gone. */
bool sbx_command_listen(struct sbx_run *run);
/* The tree is dead: takes what the job's events say of the command. */
void sbx_command_settle(struct sbx_run *run);

/* --- nested.c --------------------------------------------------------------------------------- */

/* What the inner policy says and nothing of it enforces. */
void sbx_nested_gaps(struct sbx_run *run);
/* Kills this process's children; false: there are none. */
bool sbx_nested_kill(void);

/* --- keep.c ---------------------------------------------------------------------------------- */

/* The job is made: tells who waits for that, and lets go of the caller's terminal and pipes. */
int sbx_keep_ready(const struct sbx_run *run, struct sbx_error *err);

#endif /* SBX_JOB_KEPT_H */

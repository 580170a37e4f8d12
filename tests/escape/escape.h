/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs of the attack suite share.  A technique is a file GROUP/NAME.c with a function
 * `attempt` and a descriptor; main.c lists and tries them, world.c makes what they try to reach:
 *
 *	DIR/work	the job's folder: it may do what it likes there, except in
 *	DIR/work/kept	which the policy denies
 *	DIR/none	which no rule names
 *	DIR/look	which may be read and nothing else
 *
 * each with a file of the technique's own name; beside the job a process, listeners and so on; and
 * DIR/policy.yaml: the built-in policy strict, with the rules for all this.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct technique {
	const char *file;  /* GROUP/NAME is taken from it */
	const char *what;  /* one line, for the table */
	const char *hooks; /* programs of bpf/ that stop it; (...) what else does */
	/*
	 * What the log must name: operations or guards, separated by |, and after a space a part
	 * of the object (default for paths: the technique's own name).  NULL: no event.
	 */
	const char *event;
	/* What some kernels or hosts lack; only such a technique may fail to reach by itself. */
	const char *needs;
	const char *gap;      /* why strict does not stop it in this version */
	bool harmless;	      /* on somebody's own host, even where it gets through */
	int (*attempt)(void); /* 0: reached; an errno, or SIGNALED + number: refused */
};

#define SIGNALED 1000

#define TECHNIQUE(...)                                                  \
	static const struct technique technique = { .file = __FILE__,   \
						    .attempt = attempt, \
						    __VA_ARGS__ };      \
	static const struct technique *const technique_at               \
		__attribute__((section("techniques"), used)) = &technique

/* As world.c wrote it to DIR/work/world. */
struct world {
	char dir[256];
	int victim;	     /* a process outside, of the same user */
	unsigned long place; /* where CANARY stands in its memory */
	int victim_fd;	     /* its descriptor of a file in DIR/none */
	int port;	     /* of listeners on 127.0.0.1 and ::1, TCP and UDP */
	int launcher;	     /* who started the job */
	int key;	     /* of System V objects outside */
	char tty[64];	     /* somebody's terminal */
};
extern struct world world;

#define CANARY "canary"

/* Paths of this technique's own targets; absolute, valid until the process ends. */
const char *none(void);	      /* DIR/none/GROUP.NAME: a file; no rule names it */
const char *none_dir(void);   /* DIR/none/GROUP.NAME.d: a folder with the file `inner` */
const char *none_new(void);   /* none_dir()/new: nothing is there yet */
const char *none_empty(void); /* none_dir()/empty: an empty folder */
const char *kept(void);	      /* DIR/work/kept/GROUP.NAME: denied within what is allowed */
const char *look(void);	      /* DIR/look/GROUP.NAME: readable; group exec: a program */
const char *mine(void);	      /* DIR/work/GROUP.NAME: nothing is there yet */
const char *below(const char *fmt, ...) /* a path below DIR */
	__attribute__((format(printf, 1, 2)));

/* 0 or errno of a system call's result; `opened` closes what was opened. */
int reached(long result);
int opened(long fd);
/* Does the descriptor hold CANARY?  Closes it; -1 passes errno on. */
int canary_in(int fd);
int read_canary(const char *path);

/* The same in a child, with the signal that killed it. */
int in_child(int (*fn)(void));
/* Runs a program in a child: 0 when it was executed and ended with status 0. */
int run_program(char *const argv[], char *const env[]);
int run_fd(int fd); /* by execveat of the descriptor alone */

/* Where a library of the C library's lies. */
const char *library(const char *name);
/* Runs `cat /proc/self/maps` with NAME=VALUE in its environment: does `part` show? */
int preloaded(const char *name, const char *value, const char *part);

/* A copy of /bin/true as a new file; returns it open for reading and writing, or -1. */
int copy_program(const char *path);
int copy_to(int fd, const char *from);

/* One submission: its result, or a negative errno. */
struct io_uring_sqe;
int uring(const struct io_uring_sqe *sqe);
int uring_with(unsigned int setup_flags, const struct io_uring_sqe *sqe);

/* A connection or datagram; refused by nobody listening is reached all the same. */
int connect_tcp(const char *address, int port);
int connect_with(int fd, const char *address, int port);
int send_udp(const char *address, int port);
int send_with(int fd, const char *address, int port);
socklen_t make_address(const char *address, int port, struct sockaddr_storage *out);
int socket_reached(int family, int type, int protocol);
/* DIR/NAME, or @NAME for abstract ones (of this world). */
int unix_connect(int type, const char *name);
socklen_t make_unix(const char *name, struct sockaddr_storage *out);
/* Asks the world for a descriptor: 'f' a file of DIR/none, 's' a TCP socket; -1 and errno. */
int receive_fd(char what);

/* mount(2): sys/mount.h and linux/mount.h exclude each other. */
int do_mount(const char *source, const char *target, const char *type, unsigned long flags,
	     const char *data);
/* Opens for writing, writes nothing. */
int open_to_write(const char *path);

#endif /* ESCAPE_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kept job: its supervisor is a fork in a session of its own, which makes the job and then serves
 * its door until it is told to end; whoever started it is a client as any other.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"

/* What the supervisor says when the job is made, or cannot be. */
struct ready {
	int result; /* 0 or a negative errno */
	char name[SBX_JOB_NAME_SIZE];
	struct sbx_error err;
};

static int say(int fd, const struct ready *ready)
{
	return write(fd, ready, sizeof(*ready)) == (ssize_t)sizeof(*ready) ? 0 : -EIO;
}

int sbx_keep_ready(const struct sbx_run *run, struct sbx_error *err)
{
	struct ready ready = { .result = 0 };

	memcpy(ready.name, run->name, sizeof(ready.name));
	sbx_process_drop_inherited();
	for (int fd = 0; fd <= 2; fd++) {
		if (open("/dev/null", O_RDWR) != fd) /* stays open, as the place it takes */
			return sbx_fail(err, EBADF, NULL, "cannot open \"/dev/null\"");
	}
	if (say(run->options->ready_fd, &ready))
		return sbx_fail(err, EPIPE, NULL, "nobody waits for the job any more");
	(void)close(run->options->ready_fd); /* a pipe */
	(void)!chdir("/"); /* keeps no mount busy; without it, only that is lost */
	return 0;
}

static int check(const struct sbx_policy *policy, struct sbx_error *err)
{
	if (policy->process.n_keep_fds)
		return sbx_fail(err, ENOTSUP, "take process.descriptors out of the policy",
				"a kept job gets descriptors 0 to 2 alone");
	if (policy->process.pty && !policy->root.path && !sbx_path_is_private(policy, "/dev/pts"))
		return sbx_fail(err, ENOTSUP, "add filesystem: {private: [/dev]}",
				"process.pty of a kept job needs a /dev of the job's own");
	return 0;
}

static void __attribute__((noreturn))
supervise(struct sbx_engine *engine, const struct sbx_run_options *options, int ready_fd)
{
	static char title[] = "sbx-bpf-job";
	struct sbx_run_options own = *options;
	struct sbx_run_result result = { 0 };
	struct ready ready = { 0 };

	(void)setsid(); /* cannot fail: a new child leads no group */
	sbx_process_rename(title, sizeof(title));
	own.keep = true;
	own.keep_log = true;
	own.quiet = true;
	own.result_path = NULL;
	own.ready_fd = ready_fd;
	ready.result = sbx_job_run(engine, &own, &result, &ready.err);
	if (ready.result)
		(void)say(ready_fd, &ready); /* nobody may be there any more */
	_exit(ready.result ? SBX_EXIT_FAILURE : 0);
}

int sbx_job_keep(struct sbx_engine *engine, const struct sbx_run_options *options, char *ret_name,
		 struct sbx_error *err)
{
	struct ready ready = { 0 };
	int fds[2];
	ssize_t n;
	pid_t pid;
	int r = check(options->policy, err);

	if (r)
		return r;
	if (pipe2(fds, O_CLOEXEC))
		return sbx_fail(err, errno, NULL, "cannot make a pipe: %s", sbx_errno_name(errno));
	pid = fork();
	if (!pid) {
		(void)close(fds[0]);
		supervise(engine, options, fds[1]);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		r = -errno;
		(void)close(fds[0]);
		return sbx_fail(err, -r, NULL, "cannot start the job's supervisor: %s",
				sbx_errno_name(r));
	}
	do {
		n = read(fds[0], &ready, sizeof(ready));
	} while (n < 0 && errno == EINTR);
	(void)close(fds[0]);
	if (n != (ssize_t)sizeof(ready))
		return sbx_fail(err, EIO, NULL, "the job's supervisor was killed");
	if (ready.result) {
		if (err)
			*err = ready.err;
		return ready.result;
	}
	memcpy(ret_name, ready.name, sizeof(ready.name));
	return 0;
}

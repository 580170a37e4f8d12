// SPDX-License-Identifier: GPL-2.0-only
/* The list of acts, and what all acts share. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "act.h"

static const struct act *const tables[] = {
	file_acts,	fd_acts,      door_acts,    exec_acts,	net_acts,   road_acts,
	dns_acts,	traffic_acts, process_acts, mount_acts, flood_acts, env_acts,
	privilege_acts, ipc_acts,     disk_acts,    other_acts,
};

int act_errno(long result)
{
	return result < 0 ? errno : 0;
}

int act_close(long fd)
{
	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

int act_wait(int pid)
{
	int status;

	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			return errno;
	}
	if (WIFSIGNALED(status))
		return ACT_SIGNAL + WTERMSIG(status);
	return ACT_EXIT + WEXITSTATUS(status);
}

static const struct act *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct act *act = tables[i]; act->name; act++) {
			if (!strcmp(act->name, name))
				return act;
		}
	}
	return NULL;
}

int act_run(int argc, char **argv)
{
	const struct act *act = argc ? find(argv[0]) : NULL;

	if (!act || (act->args >= 0 ? argc - 1 != act->args : argc - 1 < -act->args))
		return ACT_USAGE;
	errno = 0;
	return act->run(argc - 1, argv + 1);
}

/* One write a line, so that what was done before a kill is not lost. */
static void say(int code, const char *name)
{
	char line[128];
	int n;

	if (code == ACT_SILENT)
		return;
	if (!code)
		n = snprintf(line, sizeof(line), "ok\n");
	else if (code == ACT_USAGE)
		n = snprintf(line, sizeof(line), "usage: %.80s\n", name);
	else if (code >= ACT_SIGNAL)
		n = snprintf(line, sizeof(line), "SIG%s\n", sigabbrev_np(code - ACT_SIGNAL));
	else if (code >= ACT_EXIT)
		n = snprintf(line, sizeof(line), "exit-%d\n", code - ACT_EXIT);
	else
		n = snprintf(line, sizeof(line), "%s\n", strerrorname_np(code));
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(125);
}

int main(int argc, char **argv)
{
	int start = 1;

	if (argc > 2 && !strcmp(argv[1], "-x")) {
		int code = act_run(argc - 2, argv + 2);

		if (code > ACT_SIGNAL && code < ACT_SILENT)
			(void)raise(code - ACT_SIGNAL);
		return code >= ACT_EXIT ? code - ACT_EXIT : code;
	}
	for (int i = 1; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], ","))
			continue;
		argv[i] = NULL; /* where exec takes its arguments to end */
		if (i > start)
			say(act_run(i - start, argv + start), argv[start]);
		start = i + 1;
	}
	return 0;
}

/* --- acts that need nothing ---------------------------------------------------------------- */

static int do_ok(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int do_nop(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ACT_SILENT;
}

static int do_fail(int argc, char **argv)
{
	(void)argc;
	return atoi(argv[0]);
}

static int do_sleep(int argc, char **argv)
{
	long ms = atol(argv[0]);
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)argc;
	return act_errno(nanosleep(&time, NULL));
}

static int do_exit(int argc, char **argv)
{
	(void)argc;
	exit(atoi(argv[0]));
}

static int do_read_in(int argc, char **argv)
{
	char byte;
	ssize_t n = read(STDIN_FILENO, &byte, 1);

	(void)argc;
	(void)argv;
	return n == 0 ? ENODATA : act_errno(n);
}

static int do_sync(int argc, char **argv)
{
	say(0, "sync");
	(void)do_read_in(argc, argv); /* at the end of input there is nobody to wait for */
	return ACT_SILENT;
}

static int do_synced(int argc, char **argv)
{
	(void)do_read_in(argc, argv); /* as above */
	return act_run(argc, argv);
}

static int do_write_out(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(write(STDERR_FILENO, "x", 1));
}

const struct act other_acts[] = {
	{ "ok", 0, do_ok },	     { "nop", -1, do_nop },	   { "fail", 1, do_fail },
	{ "sleep", 1, do_sleep },    { "exit", 1, do_exit },	   { "sync", 0, do_sync },
	{ "synced", -1, do_synced }, { "read-in", 0, do_read_in }, { "write-out", 0, do_write_out },
	{ NULL, 0, NULL },
};

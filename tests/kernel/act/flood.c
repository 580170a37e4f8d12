// SPDX-License-Identifier: GPL-2.0-only
/* Many acts in a short time, and what came of them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act.h"

static long long now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void wait_until(long long at)
{
	long long left = at - now_ns();
	struct timespec time = { .tv_sec = left / 1000000000, .tv_nsec = left % 1000000000 };

	if (left > 0)
		(void)nanosleep(&time, NULL);
}

static int do_flood(int argc, char **argv)
{
	long n = atol(argv[0]), rate = atol(argv[1]), refused = 0;
	long long start = now_ns();
	char line[128];
	int len;

	(void)argc;
	for (long i = 0; i < n; i++) {
		int fd;

		if (rate)
			wait_until(start + i * 1000000000LL / rate);
		fd = open(argv[2], O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)close(fd);
		else if (errno == EACCES)
			refused++;
	}
	len = snprintf(line, sizeof(line), "refused %ld of %ld in %lld ms\n", refused, n,
		       (now_ns() - start) / 1000000);
	return write(STDOUT_FILENO, line, (size_t)len) == len ? ACT_SILENT : EIO;
}

/* Opens NAME below DIR until the time is over; counts how often that went well. */
static long hammer(const char *name, long long until)
{
	long passed = 0;

	while (now_ns() < until) {
		int fd = open(name, O_RDONLY | O_CLOEXEC);

		if (fd >= 0) {
			passed++;
			(void)close(fd);
		}
	}
	return passed;
}

/* A directory as deep as the engine follows one, so that its programs run as long as they can. */
static int make_deep(const char *dir, const char *name, int depth)
{
	int fd;

	if (chdir(dir))
		return errno;
	for (int i = 0; i < depth; i++) {
		if ((mkdir("d", 0755) && errno != EEXIST) || chdir("d"))
			return errno;
	}
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return act_close(fd);
}

static int do_deepen(int argc, char **argv)
{
	(void)argc;
	return make_deep(argv[0], argv[1], atoi(argv[2]));
}

/* Two processes on one processor, each most of its time inside the engine. */
static int do_hammer(int argc, char **argv)
{
	long long until = now_ns() + atol(argv[3]) * 1000000LL;
	cpu_set_t one;
	char line[64];
	int pid, len;

	(void)argc;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) || chdir(argv[0]))
		return errno;
	for (int i = atoi(argv[2]); i > 0; i--) {
		if (chdir("d"))
			return errno;
	}
	pid = fork();
	len = snprintf(line, sizeof(line), "passed %ld\n", hammer(argv[1], until));
	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		return EIO;
	if (!pid)
		_exit(0);
	return act_wait(pid) == ACT_EXIT ? ACT_SILENT : ECHILD;
}

const struct act flood_acts[] = {
	{ "flood", 3, do_flood },
	{ "deepen", 3, do_deepen },
	{ "hammer", 4, do_hammer },
	{ NULL, 0, NULL },
};

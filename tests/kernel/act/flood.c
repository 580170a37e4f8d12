// SPDX-License-Identifier: GPL-2.0-only
/* Many refusals, counted by the errno of each. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

const struct act flood_acts[] = {
	{ "flood", 3, do_flood },
	{ NULL, 0, NULL },
};

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int *result;

static void orphan(pid_t parent)
{
	while (getppid() == parent)
		(void)usleep(1000);
	*result = read_canary(none());
	_exit(0);
}

static int leave(void)
{
	pid_t self = getpid();

	(void)setsid();
	if (!fork())
		orphan(self);
	return 0;
}

static int attempt(void)
{
	result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if ((void *)result == MAP_FAILED)
		return errno;
	*result = -2;
	(void)in_child(leave);
	for (int i = 0; i < 5000 && *result == -2; i++)
		(void)usleep(1000);
	return *result == -2 ? ETIMEDOUT : *result;
}

TECHNIQUE(.what = "from a grandchild in a session of its own whose parent is gone",
	  .hooks = "sbx_file_open", .event = "open", .harmless = true);

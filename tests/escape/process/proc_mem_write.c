// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", world.victim);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? errno : reached(pwrite(fd, CANARY, sizeof(CANARY), (off_t)world.place));
}

TECHNIQUE(.what = "its memory changed through /proc/PID/mem", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "proc_mem|ptrace", .harmless = true);

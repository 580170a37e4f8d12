// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[64], text[sizeof(CANARY)] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", world.victim);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, text, sizeof(text), (off_t)world.place) < 0)
		return errno;
	return strcmp(text, CANARY) ? EBADMSG : 0;
}

TECHNIQUE(.what = "its memory through /proc/PID/mem", .hooks = "sbx_ptrace sbx_file_open",
	  .event = "proc_mem|ptrace", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"
#include <sys/prctl.h>
#include <sys/resource.h>

static void __attribute__((noreturn)) crash(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 1);
	abort();
}

/* The guest's core_pattern starts `touch` with this name; it is done when the crash is. */
static int attempt(void)
{
	char path[64];
	pid_t pid = fork();

	if (!pid)
		crash();
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/run/escape-core.%d", pid);
	return reached(access(path, F_OK));
}

TECHNIQUE(.what = "the host's program for crashes started by one (core_pattern)",
	  .hooks = "sbx_core");

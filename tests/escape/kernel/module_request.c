// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/utsname.h>

/* Linux 7 does not ask any more, and its error is the same. */
static bool asks(void)
{
	struct utsname names;

	return !uname(&names) && atoi(names.release) < 7;
}

static int attempt(void)
{
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755), code;

	if (!asks())
		return ENOSYS;
	if (fd < 0 || write(fd, "\1\2\3\4\5\6\7\10", 8) != 8)
		return errno;
	(void)close(fd);
	code = run_program((char *const[]){ (char *)(uintptr_t)mine(), NULL }, NULL);
	return code == ENOEXEC ? 0 : code; /* asked for, and there is none */
}

TECHNIQUE(.what = "the kernel made to load a module (a program of an unknown kind)",
	  .hooks = "sbx_mod_request", .event = "module", .needs = "modules for programs");

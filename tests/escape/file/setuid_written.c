// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int fd = open("lender", O_WRONLY | O_CLOEXEC);
	struct stat st;
	int code = fd < 0 || write(fd, CANARY, strlen(CANARY)) < 0 || fstat(fd, &st) ? errno : 0;

	if (fd >= 0)
		(void)close(fd);
	return code ? code : st.st_mode & S_ISUID ? 0 : EPERM;
}

TECHNIQUE(.what = "a set-user-ID program in the folder filled with other code",
	  .hooks = "sbx_capable", .harmless = true);

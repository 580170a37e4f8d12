// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	struct {
		__u64 xflags;
		__u32 extsize, nextents, projid, cowextsize;
	} attr = { 0 };

	if (syscall(468 /* file_getattr */, AT_FDCWD, look(), &attr, sizeof(attr), 0))
		return errno;
	return reached(syscall(469 /* file_setattr */, AT_FDCWD, look(), &attr, sizeof(attr), 0));
}

TECHNIQUE(.what = "file flags by the call file_setattr", .hooks = "sbx_fsetattr", .event = "flags",
	  .needs = "file_setattr (Linux 6.17)", .harmless = true);

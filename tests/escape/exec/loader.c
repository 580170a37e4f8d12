// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
#if defined(__x86_64__)
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#else
#define LOADER "/lib/ld-linux-aarch64.so.1"
#endif
	if (access(LOADER, X_OK))
		return ENOSYS;
	return run_program((char *const[]){ (char[]){ LOADER }, (char *)(uintptr_t)look(), NULL },
			   NULL);
}

TECHNIQUE(.what = "by the dynamic loader: ld.so PROGRAM", .hooks = "sbx_mmap_file",
	  .event = "map-exec", .needs = "the dynamic loader", .harmless = true);

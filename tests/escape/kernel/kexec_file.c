// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
#if defined(SYS_kexec_file_load)
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC), code;

	code = reached(syscall(SYS_kexec_file_load, fd, -1, 0UL, NULL, 4UL /* no initramfs */));
	return code == ENOEXEC ? 0 : code; /* the kernel has read it */
#else
	return ENOSYS;
#endif
}

TECHNIQUE(.what = "another kernel from a file (kexec_file_load)", .hooks = "sbx_read_file",
	  .event = "kexec", .needs = "kexec");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	static const char image[256] = "\177ELF";
	int code = reached(syscall(SYS_init_module, image, sizeof(image), ""));

	return code == ENOEXEC ? 0 : code; /* the kernel has read it */
}

TECHNIQUE(.what = "a kernel module from memory (init_module)", .hooks = "sbx_load_data",
	  .event = "module");

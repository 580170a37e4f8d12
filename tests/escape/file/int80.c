// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#if defined(__x86_64__)
/* The kernel takes 32 bits of each pointer. */
static int open_32(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if ((void *)low == MAP_FAILED)
		return errno;
	(void)snprintf(low, 4096, "%s", none());
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(5L /* open */), "b"((long)(uintptr_t)low), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : canary_in((int)result);
}
#else
static int open_32(void)
{
	return ENOSYS;
}
#endif

static int attempt(void)
{
	int code = in_child(open_32);

	return code;
}

TECHNIQUE(.what = "a 32-bit system call from a 64-bit program", .hooks = "sbx_file_open",
	  .event = "open", .needs = "32-bit system calls", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
#if defined(__x86_64__)
	return reached(syscall(SYS_ioperm, 0x80UL, 1UL, 1));
#else
	return ENOSYS;
#endif
}

TECHNIQUE(.what = "a port of a device (ioperm)", .hooks = "sbx_capable", .event = "raw_device",
	  .needs = "ioperm");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
#if defined(__x86_64__)
	return reached(syscall(SYS_iopl, 3));
#else
	return ENOSYS;
#endif
}

TECHNIQUE(.what = "ports of devices (iopl)", .hooks = "sbx_capable", .event = "raw_device",
	  .needs = "iopl");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char set[128] = "";
	int code = reached(
		syscall(SYS_quotactl, 0x800008 << 8 /* Q_SETQUOTA of users */, "/dev/vda", 0, set));

	return code == ESRCH || code == ENOTBLK ? 0 : code; /* looked up */
}

TECHNIQUE(.what = "the limits of users on a filesystem (quotactl)",
	  .hooks = "sbx_quotactl sbx_capable", .event = "quota|kernel_control", .needs = "quotas");

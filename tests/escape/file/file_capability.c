// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/xattr.h>

static int attempt(void)
{
	unsigned int caps[5] = { 0x02000001, 1, 0, 0, 0 };

	return reached(setxattr(look(), "security.capability", caps, sizeof(caps), 0));
}

TECHNIQUE(.what = "capabilities given to a program (security.capability)",
	  .hooks = "sbx_setxattr sbx_capable", .event = "xattr|setuid", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int mark = 1;

	return reached(setsockopt(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), SOL_SOCKET,
				  SO_MARK, &mark, sizeof(mark)));
}

TECHNIQUE(.what = "packets marked for other routes (SO_MARK)", .hooks = "sbx_capable",
	  .event = "kernel_control", .harmless = true);

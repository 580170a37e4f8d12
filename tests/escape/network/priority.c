// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int priority = 7;

	return reached(setsockopt(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), SOL_SOCKET,
				  SO_PRIORITY, &priority, sizeof(priority)));
}

TECHNIQUE(.what = "packets of the priority of the network's own control (SO_PRIORITY)",
	  .hooks = "sbx_capable", .event = "kernel_control", .harmless = true);

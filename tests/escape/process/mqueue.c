// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <mqueue.h>

static int attempt(void)
{
	char name[64];
	mqd_t queue;

	(void)snprintf(name, sizeof(name), "/escape.%d", world.key);
	queue = mq_open(name, O_RDONLY | O_CLOEXEC);
	return queue == (mqd_t)-1 ? errno : 0;
}

TECHNIQUE(.what = "a POSIX message queue of a process outside", .hooks = "sbx_file_open",
	  .event = "ipc_outside|open .", .needs = "POSIX message queues", .harmless = true);

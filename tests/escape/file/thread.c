// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <pthread.h>

static void *run(void *code)
{
	*(int *)code = read_canary(none());
	return NULL;
}

static int attempt(void)
{
	pthread_t thread;
	int code = EPROTO;

	if (pthread_create(&thread, NULL, run, &code) || pthread_join(thread, NULL))
		return errno;
	return code;
}

TECHNIQUE(.what = "from a second thread", .hooks = "sbx_file_open", .event = "open",
	  .harmless = true);

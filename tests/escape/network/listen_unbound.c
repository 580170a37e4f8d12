// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(listen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1));
}

TECHNIQUE(.what = "a port that listen chooses", .hooks = "sbx_listen", .event = "listen",
	  .harmless = true);

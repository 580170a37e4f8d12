// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return connect_with(receive_fd('s'), "127.0.0.1", world.port);
}

TECHNIQUE(.what = "a TCP socket passed by a helper outside", .hooks = "sbx_receive sbx_sock_conn",
	  .event = "receive|connect", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return canary_in(receive_fd('f'));
}

TECHNIQUE(.what = "a file opened by a helper outside and passed over a Unix socket",
	  .hooks = "sbx_recv_file", .event = "receive victim", .harmless = true);

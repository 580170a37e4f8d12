// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return unix_connect(SOCK_SEQPACKET, "sock/seqpacket");
}

TECHNIQUE(.what = "the same of packets (SOCK_SEQPACKET)", .hooks = "sbx_unix_conn",
	  .event = "unix-connect sock/seqpacket", .harmless = true);

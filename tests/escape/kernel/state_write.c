// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(mkdir("/run/sbx-bpf/escape", 0700));

	if (!code)
		(void)rmdir("/run/sbx-bpf/escape");
	return code;
}

TECHNIQUE(.what = "the state of sbx-bpf changed", .hooks = "sbx_mkdir",
	  .event = "self_protect /run/sbx-bpf", .harmless = true);

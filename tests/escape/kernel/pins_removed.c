// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(rmdir("/sys/fs/bpf/sbx-bpf"));

	return code == ENOENT || code == ENOTEMPTY ? 0
						   : code; /* let through; the folder is in use */
}

TECHNIQUE(.what = "the pins of sbx-bpf removed", .hooks = "sbx_unlink sbx_rmdir sbx_file_open",
	  .event = "rmdir|open|bpf|kernel_control /sys/fs/bpf", .harmless = true);

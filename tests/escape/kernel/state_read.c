// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/run/sbx-bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the state of sbx-bpf listed", .hooks = "sbx_file_open",
	  .event = "open /run/sbx-bpf", .needs = "sbx-bpf", .harmless = true);

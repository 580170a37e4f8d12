// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TECHNIQUE(.what = "the pins of BPF programs listed", .hooks = "sbx_file_open",
	  .event = "open /sys/fs/bpf", .harmless = true);

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/fsverity.h>

static int attempt(void)
{
	struct fsverity_enable_arg arg = { .version = 1, .hash_algorithm = 99, .block_size = 4096 };
	int code = reached(ioctl(open(look(), O_RDONLY | O_CLOEXEC), FS_IOC_ENABLE_VERITY, &arg));

	/* looked at: no such algorithm, or no such feature */
	return code == EINVAL || code == EOPNOTSUPP || code == ENOTTY ? 0 : code;
}

TECHNIQUE(.what = "a file sealed for ever (FS_IOC_ENABLE_VERITY)", .hooks = "sbx_file_ioctl",
	  .event = "kernel_control", .harmless = true);

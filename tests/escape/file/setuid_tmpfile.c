// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return opened(open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 04755));
}

TECHNIQUE(.what = "a set-user-ID program without a name yet (O_TMPFILE)", .hooks = "sbx_file_open",
	  .event = "setuid .", .harmless = true);

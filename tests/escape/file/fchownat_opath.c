// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(
		fchownat(open(none(), O_PATH | O_CLOEXEC), "", 65534, (gid_t)-1, AT_EMPTY_PATH));
}

TECHNIQUE(.what = "owner, through an O_PATH descriptor", .hooks = "sbx_chown", .event = "chown",
	  .harmless = true);

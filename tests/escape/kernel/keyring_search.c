// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code = reached(syscall(SYS_request_key, "user", "escape-no-such-key", NULL, -3));

	return code == ENOKEY ? 0 : code; /* looked for */
}

TECHNIQUE(.what = "a key of the session asked for (request_key)", .hooks = "sbx_key",
	  .event = "keyring", .needs = "keyrings", .harmless = true,
	  .gap = "a search that finds nothing asks nobody: it tells only that");

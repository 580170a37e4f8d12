// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "escape.%d", world.key);
	return reached(syscall(SYS_request_key, "user", name, NULL, 0));
}

TECHNIQUE(.what = "a key of the user's found (request_key)", .hooks = "sbx_key_perm",
	  .event = "keyring", .needs = "keyrings", .harmless = true);

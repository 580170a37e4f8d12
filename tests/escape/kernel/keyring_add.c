// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	long key = syscall(SYS_add_key, "user", "escape", "x", 1UL, -4 /* the user's keyring */);
	int code = reached(key);

	if (!code)
		(void)syscall(SYS_keyctl, 21 /* KEYCTL_INVALIDATE */, key);
	return code;
}

TECHNIQUE(.what = "a key for all processes of the user (add_key)",
	  .hooks = "sbx_key_alloc sbx_key_perm", .event = "keyring", .needs = "keyrings",
	  .harmless = true);

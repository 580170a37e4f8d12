// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_keyctl, 1, "escape"));
}

TECHNIQUE(.what = "another session keyring (KEYCTL_JOIN_SESSION_KEYRING)",
	  .hooks = "sbx_key_alloc sbx_key_perm", .event = "keyring", .needs = "keyrings",
	  .harmless = true);

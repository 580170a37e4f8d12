// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char list[64];

	return reached(syscall(SYS_keyctl, 11, -4, list, sizeof(list)));
}

TECHNIQUE(.what = "the user's keyring read (KEYCTL_READ)", .hooks = "sbx_key_perm",
	  .event = "keyring", .needs = "keyrings", .harmless = true);

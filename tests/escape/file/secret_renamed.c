// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	if (rename("secrets/.env", "secrets/plain"))
		return errno;
	code = read_canary("secrets/plain");
	(void)rename("secrets/plain", "secrets/.env");
	return code;
}

TECHNIQUE(.what = "such a secret given another name", .hooks = "sbx_rename",
	  .event = "rename secrets/plain", .harmless = true);

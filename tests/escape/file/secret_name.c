// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return read_canary("secrets/.env");
}

TECHNIQUE(.what = "a secret by its name (.env) in the allowed folder", .hooks = "sbx_file_open",
	  .event = "open .env", .harmless = true);

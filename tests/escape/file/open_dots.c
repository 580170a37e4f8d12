// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	char path[1024] = ".";

	for (int i = 0; i < 60; i++)
		strcat(path, i % 2 ? "/.//" : "/../work");
	strcat(path, "/../none/");
	return read_canary(strcat(path, strrchr(none(), '/') + 1));
}

TECHNIQUE(.what = "a path of many . and .. and doubled slashes", .hooks = "sbx_file_open",
	  .event = "open", .harmless = true);

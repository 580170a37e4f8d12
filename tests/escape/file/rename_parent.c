// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	int code;

	if (rename("kept", "moved"))
		return errno;
	code = read_canary(below("work/moved/%s", strrchr(kept(), '/') + 1));
	(void)rename("moved", "kept");
	return code;
}

TECHNIQUE(.what = "the folder of denied files given another name", .hooks = "sbx_rename",
	  .event = "rename kept", .harmless = true);

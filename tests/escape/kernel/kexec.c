// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	return reached(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

TECHNIQUE(.what = "another kernel (kexec_load)", .hooks = "sbx_load_data", .event = "kexec",
	  .needs = "kexec");

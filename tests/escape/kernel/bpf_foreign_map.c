// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/bpf.h>

static int attempt(void)
{
	union bpf_attr attr = { 0 };
	int code = reached(syscall(SYS_bpf, BPF_MAP_GET_NEXT_ID, &attr, sizeof(attr)));

	if (code)
		return code == ENOENT ? 0 : code;
	attr.map_id = attr.next_id;
	return opened(syscall(SYS_bpf, BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr)));
}

TECHNIQUE(.what = "a BPF map of somebody else, such as a policy's", .hooks = "sbx_bpf",
	  .event = "bpf");

// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/bpf.h>

static int attempt(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return opened(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

TECHNIQUE(.what = "a BPF map", .hooks = "sbx_bpf", .event = "bpf");

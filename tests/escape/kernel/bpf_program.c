// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <linux/bpf.h>

static int attempt(void)
{
	struct bpf_insn insns[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				    { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (__u64)(uintptr_t)insns,
				.insn_cnt = 2,
				.license = (__u64)(uintptr_t) "GPL" };

	return opened(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

TECHNIQUE(.what = "a BPF program", .hooks = "sbx_bpf", .event = "bpf");

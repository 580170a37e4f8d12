// SPDX-License-Identifier: GPL-2.0-only
/* Programs that do nothing: the least that any program on these hooks costs. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("lsm/file_open")
int floor_open(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("cgroup/connect4")
int floor_connect(void *ctx)
{
	(void)ctx;
	return 1; /* allow */
}

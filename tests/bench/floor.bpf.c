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

struct prefix {
	__u32 len;
	__u8 addr[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 17);
	__type(key, struct prefix);
	__type(value, __u32);
} prefixes SEC(".maps");

/* One look-up and nothing else: what a policy of prefixes cannot do without. */
static __always_inline int look_up(const struct bpf_sock_addr *ctx)
{
	struct prefix key = { .len = 32 };

	*(__u32 *)key.addr = ctx->user_ip4;
	return bpf_map_lookup_elem(&prefixes, &key) != 0;
}

SEC("cgroup/connect4")
int lpm_connect(struct bpf_sock_addr *ctx)
{
	return look_up(ctx);
}

SEC("cgroup/sendmsg4")
int lpm_send(struct bpf_sock_addr *ctx)
{
	return look_up(ctx);
}

SEC("cgroup/connect4")
int floor_connect(void *ctx)
{
	(void)ctx;
	return 1; /* allow */
}

SEC("cgroup/sendmsg4")
int floor_send(void *ctx)
{
	(void)ctx;
	return 1;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names in folders that ignore case: which of them can be compared at all, and how.  Global
 * functions, so that the verifier looks at them once and not in each step of a walk.
 */
#include "edge.bpf.h"
#include "subject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Bit 7 of each byte: set where it is '~'; of ASCII alone. */
static __always_inline __u64 tildes(__u64 word)
{
	return ~((word ^ SBX_EACH_BYTE('~')) + SBX_EACH_BYTE(0x7f));
}

/* Gathers rather than branches: the verifier follows each branch of each round. */
int sbx_name_is_plain(__u64 name, __u32 len, __u32 fold)
{
	__u64 word = 0, high = 0, tilde = 0;
	__u8 last = 0;
	long bad = 0;
	__u32 i;

	for (i = 0; i < 256; i += sizeof(word)) {
		if (i + sizeof(word) > len)
			break;
		bad |= bpf_probe_read_kernel(&word, sizeof(word), (const void *)(name + i));
		high |= word;
		tilde |= tildes(word);
	}
	/* the rest, and up to eight bytes past the end, which do not count */
	bad |= bpf_probe_read_kernel(&word, sizeof(word), (const void *)(name + i));
	word &= (1ull << (8 * ((len - i) & 7))) - 1;
	high |= word;
	tilde |= tildes(word);
	bad |= bpf_probe_read_kernel(&last, 1, (const void *)(name + len - 1));
	if (bad || (high & SBX_EACH_BYTE(0x80)))
		return 0;
	return fold != SBX_FOLD_LOOSE ||
	       (!(tilde & SBX_EACH_BYTE(0x80)) && last != '.' && last != ' ');
}

int sbx_edge_small(struct sbx_task *t, __u32 node, __u64 name, __u32 len)
{
	struct sbx_edge *edge;
	bool bad = false;
	__u64 policy;
	void *edges;

	if (!t)
		return -1;
	policy = t->walk.policy;
	edges = sbx_policy_map(&sbx_edges, policy);
	if (!edges)
		return -1;
	edge = sbx_edge_find(edges, node, (const unsigned char *)name, len, true, &bad);
	if (bad)
		return -1;
	if (!edge)
		return 0;
	t->walk.small = *edge;
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* One step in a trie of names: paths (trie.bpf.c) and domains (dns.bpf.c) share it. */
#ifndef SBX_EDGE_BPF_H
#define SBX_EDGE_BPF_H

#include "fold.bpf.h"
#include "maps.bpf.h"

#define SBX_CHUNKS_MAX 11 /* 255 bytes of a name in chunks of SBX_NAME_CHUNK */

/* The name, which is ASCII, in small letters. */
static __always_inline void sbx_edge_key_fold(struct sbx_edge_key *key)
{
	__u64 *words = (__u64 *)key->name;

	words[0] = sbx_small8(words[0]);
	words[1] = sbx_small8(words[1]);
	words[2] = sbx_small8(words[2]);
}

/*
 * The edge of a whole component below `node`, or NULL.  `fold`, a constant, looks for it in small
 * letters.
 * *ret_bad: the name could not be read.
 * The key lies on the stack: a map's key may not lie in memory that a global function was given.
 */
static __always_inline struct sbx_edge *sbx_edge_find(void *edges, __u32 node,
						      const unsigned char *name, __u32 len,
						      bool fold, bool *ret_bad)
{
	struct sbx_edge *edge;
	int chunk;

	_Static_assert(SBX_NAME_CHUNK == 24, "three words");

	for (chunk = 0; chunk < SBX_CHUNKS_MAX; chunk++) {
		struct sbx_edge_key key = { .node = node, .len = len };
		__u32 part = len;

		/* the compiler would compare one register and use another */
		asm volatile("" : "+r"(part));
		if (part > SBX_NAME_CHUNK)
			part = SBX_NAME_CHUNK;
		if (bpf_probe_read_kernel(key.name, part, name)) {
			*ret_bad = true;
			return 0;
		}
		if (fold)
			sbx_edge_key_fold(&key);
		edge = bpf_map_lookup_elem(edges, &key);
		if (!edge || len <= SBX_NAME_CHUNK)
			return edge;
		node = edge->node;
		name += SBX_NAME_CHUNK;
		len -= SBX_NAME_CHUNK;
	}
	return 0;
}

/*
 * The edge of a name, one that sbx_name_is_plain, in small letters below `node`: 1 with
 * t->walk.small, 0: none, or -1: it could not be read.
 */
int sbx_edge_small(struct sbx_task *t, __u32 node, __u64 name, __u32 len);

static __always_inline struct sbx_edge *
sbx_edge_find_small(struct sbx_task *t, __u32 node, const unsigned char *name, __u32 len, bool *bad)
{
	int found = sbx_edge_small(t, node, (__u64)name, len);

	*bad |= found < 0;
	return found > 0 ? &t->walk.small : 0;
}

#endif /* SBX_EDGE_BPF_H */

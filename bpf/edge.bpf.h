/* SPDX-License-Identifier: GPL-2.0-only */
/* One step in a trie of names: paths (trie.bpf.c) and domains (dns.bpf.c) share it. */
#ifndef SBX_EDGE_BPF_H
#define SBX_EDGE_BPF_H

#include "maps.bpf.h"

#define SBX_CHUNKS_MAX 11 /* 255 bytes of a name in chunks of SBX_NAME_CHUNK */

/*
 * The edge of a whole component below `node`, or NULL.  *ret_bad: the name could not be read.
 * The key lies on the stack: a map's key may not lie in memory that a global function was given.
 */
static __always_inline struct sbx_edge *
sbx_edge_find(void *edges, __u32 node, const unsigned char *name, __u32 len, bool *ret_bad)
{
	struct sbx_edge *edge;
	int chunk;

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
		edge = bpf_map_lookup_elem(edges, &key);
		if (!edge || len <= SBX_NAME_CHUNK)
			return edge;
		node = edge->node;
		name += SBX_NAME_CHUNK;
		len -= SBX_NAME_CHUNK;
	}
	return 0;
}

#endif /* SBX_EDGE_BPF_H */

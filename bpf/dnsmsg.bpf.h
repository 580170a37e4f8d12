/* SPDX-License-Identifier: GPL-2.0-only */
/* One DNS message against a job's rules: is the name allowed, was the answer asked for. */
#ifndef SBX_DNSMSG_BPF_H
#define SBX_DNSMSG_BPF_H

#include "dnsgrant.bpf.h"
#include "edge.bpf.h"

#define PENDING_LIFE_NS (15 * NS_PER_S) /* libc waits 5 s for an answer, dig as long */

/* --- is the name allowed? -------------------------------------------------------------------- */

struct label_ctx {
	struct sbx_dns_slot *slot;
	void *edges;
};

static long label_step(__u32 i, struct label_ctx *c)
{
	struct sbx_dns_slot *slot = c->slot;
	__u32 left = slot->labels, at, len;
	struct sbx_edge *edge;
	bool bad = false;

	if (!left)
		return 1;
	left--;
	slot->labels = left;
	if (slot->below)
		slot->found = slot->below;
	at = slot->dns.labels[left & SBX_DNS_LABELS_MAX];
	len = slot->dns.name.wire[at & SBX_DNS_NAME_MAX] & 63;
	edge = sbx_edge_find(c->edges, slot->node, &slot->dns.name.wire[at & SBX_DNS_NAME_MAX] + 1,
			     len, false, &bad);
	if (!edge)
		return 1;
	if (edge->name_class) {
		slot->mark = left;
		if (!left)
			slot->found = edge->name_class;
	}
	slot->below = edge->below_class;
	slot->node = edge->node;
	return 0;
}

/* 1 + the class of the name's first `labels` labels, 0: not allowed. */
static __always_inline __u32 find_name(struct sbx_dns_slot *slot, __u32 root, __u32 labels)
{
	__u64 policy = slot->policy;
	struct label_ctx c = { .slot = slot };

	c.edges = sbx_policy_map(&sbx_edges, policy);
	if (!c.edges)
		return 0;
	slot->node = root;
	slot->labels = labels;
	slot->below = 0;
	slot->found = 0;
	slot->mark = 0;
	bpf_loop(SBX_DNS_LABELS_MAX, label_step, &c, 0);
	return slot->found;
}

/* An allowed name with a search suffix of the host behind it: libc tries these by itself. */
static __always_inline bool is_expansion(struct sbx_dns_slot *slot)
{
	find_name(slot, SBX_NODE_SEARCH, slot->dns.name.labels);
	return slot->mark && find_name(slot, SBX_NODE_DOMAINS, slot->mark);
}

/* --- queries: noted until they are answered ----------------------------------------------------
 */

static long sweep_pending(void *map, struct sbx_pending_key *key, struct sbx_pending *pending,
			  struct sweep_ctx *c)
{
	if (pending->answered || pending->time + PENDING_LIFE_NS < c->now)
		bpf_map_delete_elem(map, key);
	return 0;
}

/* Notes slot->pending under slot->key; false: there is no room. */
static __always_inline bool put_pending(struct sbx_dns_slot *slot)
{
	struct sweep_ctx c = { .now = slot->now };
	__u64 job = slot->job;
	void *map = bpf_map_lookup_elem(&sbx_pendings, &job);

	if (!map)
		return false;
	if (!bpf_map_update_elem(map, &slot->key, &slot->pending, BPF_ANY))
		return true;
	bpf_for_each_map_elem(map, sweep_pending, &c, 0);
	return !bpf_map_update_elem(map, &slot->key, &slot->pending, BPF_ANY);
}

/* 0, or why the query in slot->dns may not leave. */
static __always_inline __u32 judge_query(struct sbx_dns_slot *slot)
{
	struct sbx_dns_ctx c = { .m = &slot->dns };
	__u32 fault = sbx_dns_query(&c), found;

	if (fault == SBX_DNS_BAD)
		return SBX_REASON_DNS;
	slot->asked = slot->dns.name;
	if (fault)
		return SBX_REASON_DNS_TYPE;
	found = find_name(slot, SBX_NODE_DOMAINS, slot->dns.name.labels);
	if (!found) {
		slot->quiet = is_expansion(slot);
		return SBX_REASON_NAME;
	}
	slot->key.id = slot->dns.id;
	slot->key.proto = slot->packet.proto;
	slot->pending.time = slot->now;
	slot->pending.policy = slot->policy;
	slot->pending.class_id = found - 1;
	slot->pending.type = slot->dns.type;
	slot->pending.answered = 0;
	slot->pending.name = slot->dns.name;
	return put_pending(slot) ? 0 : SBX_REASON_DNS_FULL;
}

/* --- answers
 * ---------------------------------------------------------------------------------------
 */

/* The query that the answer in slot->dns is for, or NULL. */
static __always_inline struct sbx_pending *find_pending(struct sbx_dns_slot *slot)
{
	__u64 job = slot->job;
	void *map = bpf_map_lookup_elem(&sbx_pendings, &job);
	struct sbx_pending *pending;

	if (!map)
		return 0;
	slot->key.id = slot->dns.id;
	slot->key.proto = slot->packet.proto;
	pending = bpf_map_lookup_elem(map, &slot->key);
	if (!pending || pending->policy != slot->policy || pending->type != slot->dns.type ||
	    !sbx_dns_same(&pending->name, &slot->dns.name))
		return 0;
	return pending;
}

/* 0, or why the answer in slot->dns may not come in.  An answer opens addresses once. */
static __always_inline __u32 judge_answer(struct sbx_dns_slot *slot)
{
	struct sbx_dns_ctx c = { .m = &slot->dns };
	struct sbx_pending *pending;

	if (sbx_dns_answer(&c))
		return SBX_REASON_DNS;
	slot->asked = slot->dns.name;
	pending = find_pending(slot);
	if (!pending)
		return SBX_REASON_UNASKED;
	if (__sync_val_compare_and_swap(&pending->answered, 0, 1)) {
		/* sent twice: a copy says nothing new, but TCP must have its segment */
		slot->quiet = 1;
		return slot->packet.proto == IPPROTO_TCP ? 0 : SBX_REASON_UNASKED;
	}
	slot->class_id = pending->class_id;
	if (slot->dns.truncated || slot->dns.rcode)
		return 0;
	if (sbx_dns_answers(&c))
		return SBX_REASON_DNS;
	open_addresses(slot);
	return 0;
}

#endif /* SBX_DNSMSG_BPF_H */

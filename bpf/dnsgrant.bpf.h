/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an answer's addresses become: grants of the job.  Everything about a packet is worked out in
 * a slot, claimed from a pool meanwhile: packet programs run in process and in interrupt context,
 * so memory per CPU would be shared.
 */
#ifndef SBX_DNSGRANT_BPF_H
#define SBX_DNSGRANT_BPF_H

#include "dns.bpf.h"
#include "packet.bpf.h"

#define NS_PER_S 1000000000ull

struct sbx_dns_slot {
	__u32 busy;  /* 1: claimed */
	__u32 quiet; /* 1: refuse without an event */
	__u64 job;
	__u64 policy;
	__u64 now;
	struct sbx_packet packet;
	/* messages of the packet */
	__u32 pos;
	__u32 left;
	__u32 reason;
	__u32 class_id;
	/* down the trie of domains */
	__u32 node;
	__u32 labels; /* not yet looked at, counted from the left */
	__u32 below;  /* class of the names below the node, + 1 */
	__u32 found;  /* class of the name, + 1; 0: none */
	__u32 mark;   /* labels before the longest suffix that ended */
	/* addresses of an answer */
	__u32 n; /* that were looked at */
	__u32 min_ttl;
	__u32 max_ttl;
	__u32 full;   /* 1: some found no room */
	__u32 closed; /* 1: some may not be opened: the first is `closed_addr` */
	__u8 closed_addr[16];
	struct sbx_ask ask;
	struct sbx_pending_key key;
	struct sbx_pending pending;
	struct sbx_grant_key grant_key;
	__u32 pad;
	struct sbx_grant grant;
	struct sbx_dns_name asked; /* the question's name, for events */
	struct sbx_dns dns;
};

struct sweep_ctx {
	__u64 now;
};

struct grant_ctx {
	struct sbx_dns_slot *slot;
	void *grants;
	void *prefixes;
	void *classes;
};

static long sweep_grant(void *map, struct sbx_grant_key *key, struct sbx_grant *grant,
			struct sweep_ctx *c)
{
	if (grant->expires <= c->now)
		bpf_map_delete_elem(map, key);
	return 0;
}

/* May an answer open slot->grant.addr at all? */
static __always_inline bool may_open(struct grant_ctx *c)
{
	struct sbx_prefix_key key = { .prefixlen = 160, .dir = SBX_DIR_GRANT };
	struct sbx_class *class;
	__u32 *id;

	__builtin_memcpy(key.addr, c->slot->grant.addr, sizeof(key.addr));
	id = bpf_map_lookup_elem(c->prefixes, &key);
	class = id ? bpf_map_lookup_elem(c->classes, id) : 0;
	return class && class->n && class->ranges[0].allow == 1;
}

/* Picks the place of slot->grant among those of its address; false: all are taken. */
static __always_inline bool pick_place(struct grant_ctx *c)
{
	struct sbx_dns_slot *slot = c->slot;
	__u32 i, best = SBX_GRANT_SLOTS;

#pragma clang loop unroll(full)
	for (i = 0; i < SBX_GRANT_SLOTS; i++) {
		struct sbx_grant *there;

		slot->grant_key.slot = i;
		there = bpf_map_lookup_elem(c->grants, &slot->grant_key);
		if (there && there->policy == slot->policy && there->class_id == slot->class_id) {
			if (there->expires > slot->grant.expires)
				slot->grant.expires = there->expires;
			return true;
		}
		if (best == SBX_GRANT_SLOTS && (!there || there->expires <= slot->now))
			best = i;
	}
	slot->grant_key.slot = best;
	return best < SBX_GRANT_SLOTS;
}

static __always_inline bool put_grant(struct grant_ctx *c)
{
	struct sweep_ctx sweep = { .now = c->slot->now };

	if (!bpf_map_update_elem(c->grants, &c->slot->grant_key, &c->slot->grant, BPF_ANY))
		return true;
	bpf_for_each_map_elem(c->grants, sweep_grant, &sweep, 0);
	return !bpf_map_update_elem(c->grants, &c->slot->grant_key, &c->slot->grant, BPF_ANY);
}

static long grant_step(__u32 i, struct grant_ctx *c)
{
	struct sbx_dns_slot *slot = c->slot;
	__u32 n = slot->n, ttl = slot->dns.ttl;

	slot->n = n + 1;
	__builtin_memcpy(slot->grant.addr, slot->dns.addrs[n & (SBX_DNS_ADDRS_MAX - 1)], 16);
	if (!may_open(c)) {
		if (!slot->closed)
			__builtin_memcpy(slot->closed_addr, slot->grant.addr, 16);
		slot->closed = 1;
		return 0;
	}
	if (ttl < slot->min_ttl)
		ttl = slot->min_ttl;
	if (ttl > slot->max_ttl)
		ttl = slot->max_ttl;
	slot->grant.expires = slot->now + ttl * NS_PER_S;
	__builtin_memcpy(slot->grant_key.addr, slot->grant.addr, 16);
	if (!pick_place(c) || !put_grant(c))
		slot->full = 1;
	return 0;
}

/* Opens the addresses in slot->dns for the job, as far as they may be. */
static __always_inline void open_addresses(struct sbx_dns_slot *slot)
{
	struct grant_ctx c = { .slot = slot };
	__u64 job = slot->job, policy = slot->policy;

	c.grants = bpf_map_lookup_elem(&sbx_grants, &job);
	c.prefixes = sbx_policy_map(&sbx_prefixes, policy);
	c.classes = sbx_policy_map(&sbx_classes, policy);
	slot->full = slot->dns.more;
	if (!c.grants || !c.prefixes || !c.classes) {
		slot->full = 1;
		return;
	}
	slot->n = 0;
	slot->grant.policy = policy;
	slot->grant.class_id = slot->class_id;
	slot->grant.name = slot->asked;
	bpf_loop(slot->dns.n_addrs, grant_step, &c, 0);
}

#endif /* SBX_DNSGRANT_BPF_H */

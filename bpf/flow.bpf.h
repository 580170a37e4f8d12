/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a socket's traffic, kept with the socket: its packets are then let through by
 * one look at the job's entry.  An element is never changed, only replaced, so that its members
 * belong together.  It counts only under the policy that it was made under.
 */
#ifndef SBX_FLOW_BPF_H
#define SBX_FLOW_BPF_H

#include "decide.bpf.h"

enum sbx_flow_flag {
	SBX_FLOW_PEER = 1 << 0,	  /* `addr` and `port` may be talked to */
	SBX_FLOW_SERVER = 1 << 1, /* its own address is one to listen on; passed on by accept */
	SBX_FLOW_ASKED = 1 << 2,  /* UDP: where each datagram goes is asked when it is sent */
};

struct sbx_flow {
	__u64 job;
	__u64 policy;
	__u8 addr[16]; /* IPv4 is v4-mapped */
	__u32 port;
	__u32 flags; /* enum sbx_flow_flag */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct sbx_flow);
} sbx_flows __weak SEC(".maps");

static __always_inline bool sbx_same_address(const __u8 *a, const __u8 *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/* Is this what the job's present policy said?  Of a quarantined job nothing holds. */
static __always_inline bool sbx_flow_holds(const struct sbx_flow *flow)
{
	__u64 id = flow->job;
	struct sbx_job *job = sbx_job_get(id);

	return job && job->policy == flow->policy && job->id == id && !sbx_is_quarantined(id);
}

/* Is this already noted, under the same policy? */
static __always_inline bool sbx_flow_says(const struct sbx_flow *flow, const struct sbx_flow *what)
{
	return flow->policy == what->policy && flow->job == what->job &&
	       (flow->flags & what->flags) == what->flags &&
	       (!(what->flags & SBX_FLOW_PEER) ||
		(flow->port == what->port && sbx_same_address(flow->addr, what->addr)));
}

static __always_inline void sbx_flow_forget(struct bpf_sock *sk)
{
	bpf_sk_storage_delete(&sbx_flows, sk);
}

/* Without room for it each packet is judged by itself. */
static __always_inline void sbx_flow_replace(struct bpf_sock *sk, struct sbx_flow *flow)
{
	sbx_flow_forget(sk);
	bpf_sk_storage_get(&sbx_flows, sk, flow, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* Notes `what` besides what `old` (may be NULL) says under the same policy. */
static __always_inline void sbx_flow_add(struct bpf_sock *sk, const struct sbx_flow *old,
					 struct sbx_flow *what)
{
	if (old && old->job == what->job && old->policy == what->policy) {
		if (!(what->flags & SBX_FLOW_PEER)) {
			__builtin_memcpy(what->addr, old->addr, sizeof(what->addr));
			what->port = old->port;
		}
		what->flags |= old->flags;
	}
	sbx_flow_replace(sk, what);
}

#endif /* SBX_FLOW_BPF_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the belt (hook_packet.bpf.c) knows of a packet's socket. */
#ifndef SBX_BELT_BPF_H
#define SBX_BELT_BPF_H

#include <stddef.h>

#include "flow.bpf.h"
#include "packet.bpf.h"

#define LEVELS_MAX 16 /* of cgroups, as in subject.bpf.h */

/* In C the compiler chooses between addresses of members, which the verifier refuses. */
#define FIELD(sk, member)                                                        \
	({                                                                       \
		__u32 word_;                                                     \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                            \
			     : "=r"(word_)                                       \
			     : "r"(sk), "i"(offsetof(struct bpf_sock, member))); \
		word_;                                                           \
	})

/* The job of the packet's socket, or 0. */
static __always_inline __u64 job_of(struct __sk_buff *skb)
{
	__u64 job = sbx_cgroup_job(bpf_skb_cgroup_id(skb));
	int level;

	for (level = 1; level < LEVELS_MAX && !job; level++) {
		__u64 id = bpf_skb_ancestor_cgroup_id(skb, level);

		if (!id)
			return 0;
		job = sbx_cgroup_job(id);
	}
	return job;
}

/* The other end of a socket that has one, as the kernel knows it. */
static __always_inline void socket_peer(struct bpf_sock *sk, __u8 *ret_addr, __u32 *ret_port)
{
	__u32 *words = (__u32 *)ret_addr;

	*ret_port = bpf_ntohs(sk->dst_port);
	if (sk->family == AF_INET6) {
		words[0] = FIELD(sk, dst_ip6[0]);
		words[1] = FIELD(sk, dst_ip6[1]);
		words[2] = FIELD(sk, dst_ip6[2]);
		words[3] = FIELD(sk, dst_ip6[3]);
	} else {
		words[0] = 0;
		words[1] = 0;
		words[2] = bpf_htonl(0xffff);
		words[3] = FIELD(sk, dst_ip4);
	}
}

static __always_inline bool is_datagram(const struct bpf_sock *sk)
{
	return sk->type == SOCK_DGRAM &&
	       (sk->protocol == IPPROTO_UDP || sk->protocol == IPPROTO_UDPLITE);
}

static __always_inline bool is_tcp(const struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM && sk->protocol == IPPROTO_TCP;
}

/* Has the kernel one peer for all that the socket sends? */
static __always_inline bool has_peer(const struct bpf_sock *sk)
{
	return is_tcp(sk) || (is_datagram(sk) && sk->state == BPF_TCP_ESTABLISHED);
}

static __always_inline bool is_peer(const struct sbx_flow *flow, const __u8 *addr, __u32 port)
{
	return (flow->flags & SBX_FLOW_PEER) && flow->port == port &&
	       sbx_same_address(flow->addr, addr);
}

/* Was all that such a socket sends (receives: its peer may send) decided? */
static __always_inline bool is_known(const struct sbx_flow *flow, struct bpf_sock *sk, bool out)
{
	__u8 addr[16];
	__u32 port;

	if (!sbx_flow_holds(flow))
		return false;
	if ((flow->flags & SBX_FLOW_SERVER) && (!out || is_tcp(sk)))
		return true;
	if (!has_peer(sk))
		return out && is_datagram(sk) && (flow->flags & SBX_FLOW_ASKED);
	socket_peer(sk, addr, &port);
	return is_peer(flow, addr, port);
}

/* The socket's own end. */
static __always_inline void socket_own(struct bpf_sock *sk, __u8 *ret_addr, __u32 *ret_port)
{
	__u32 *words = (__u32 *)ret_addr;

	*ret_port = sk->src_port;
	if (sk->family == AF_INET6) {
		words[0] = FIELD(sk, src_ip6[0]);
		words[1] = FIELD(sk, src_ip6[1]);
		words[2] = FIELD(sk, src_ip6[2]);
		words[3] = FIELD(sk, src_ip6[3]);
	} else {
		words[0] = 0;
		words[1] = 0;
		words[2] = bpf_htonl(0xffff);
		words[3] = FIELD(sk, src_ip4);
	}
}

/* An IPv4 header with options, or an IPv6 header that a routing header follows. */
static __always_inline bool names_a_route(struct __sk_buff *skb, struct sbx_ask *ask)
{
	__u32 *words = (__u32 *)ask->address.addr;
	__u32 offset = 40;
	__u8 next = 0, length = 0;
	int i;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		ask->address.family = AF_INET;
		words[2] = bpf_htonl(0xffff);
		bpf_skb_load_bytes(skb, 16, &words[3], 4);
		return bpf_skb_load_bytes(skb, 0, &length, 1) || (length & 15) > 5;
	}
	if (skb->protocol != bpf_htons(ETH_P_IPV6))
		return false;
	ask->address.family = AF_INET6;
	bpf_skb_load_bytes(skb, 24, words, 16);
	if (bpf_skb_load_bytes(skb, 6, &next, 1))
		return true;
	for (i = 0; i < SBX_EXTENSIONS_MAX; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_DSTOPTS)
			return next == IPPROTO_ROUTING;
		if (bpf_skb_load_bytes(skb, offset + 1, &length, 1) ||
		    bpf_skb_load_bytes(skb, offset, &next, 1))
			return true;
		offset += 8 * ((__u32)length + 1);
	}
	return true;
}

/* Has it neither, at one look? */
static __always_inline bool is_plain(struct __sk_buff *skb)
{
	const __u8 *head = (void *)(long)skb->data;

	if ((void *)(head + 20) > (void *)(long)skb->data_end)
		return false;
	return head[0] == 0x45 ||
	       (head[0] >> 4 == 6 && (head[6] == IPPROTO_TCP || head[6] == IPPROTO_UDP));
}

#endif /* SBX_BELT_BPF_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of an IP packet of TCP, UDP or another protocol, as a cgroup_skb program sees it. */
#ifndef SBX_PACKET_BPF_H
#define SBX_PACKET_BPF_H

#include "core.bpf.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_HOPOPTS 0
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_DSTOPTS 60
#define SBX_EXTENSIONS_MAX 4 /* more are refused on the way out, see names_a_route() */

struct sbx_packet {
	__u8 addr[16]; /* of the other end; IPv4 is v4-mapped */
	__u32 family;  /* AF_* */
	__u32 proto;   /* IPPROTO_* */
	__u32 sport;   /* host order; 0: a protocol without ports */
	__u32 dport;
	__u32 data; /* where the payload begins */
	__u32 size; /* its bytes */
	__u32 seq;  /* of TCP */
	__u32 pad;
};

/* The transport header's place, the protocol and the other end's address; 0: unreadable. */
static __always_inline __u32 sbx_packet_network(struct __sk_buff *skb, struct sbx_packet *p,
						bool out)
{
	__u32 *words = (__u32 *)p->addr;
	__u8 head[20], ext[2], next;
	__u32 off = 40;
	int i;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		p->family = AF_INET;
		if (bpf_skb_load_bytes(skb, 0, head, sizeof(head)))
			return 0;
		words[2] = bpf_htonl(0xffff);
		__builtin_memcpy(&words[3], &head[out ? 16 : 12], 4);
		p->proto = head[9];
		/* a later part of a fragmented packet has no ports */
		return (head[6] & 0x1f) || head[7] ? 0 : (head[0] & 15) * 4;
	}
	p->family = AF_INET6;
	if (skb->protocol != bpf_htons(ETH_P_IPV6) || bpf_skb_load_bytes(skb, 6, &next, 1) ||
	    bpf_skb_load_bytes(skb, out ? 24 : 8, words, 16))
		return 0;
	for (i = 0; i < SBX_EXTENSIONS_MAX; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_DSTOPTS && next != IPPROTO_ROUTING)
			break;
		if (bpf_skb_load_bytes(skb, off, ext, sizeof(ext)))
			return 0;
		next = ext[0];
		off += 8 * ((__u32)ext[1] + 1);
	}
	p->proto = next;
	return next == IPPROTO_FRAGMENT ? 0 : off;
}

/* False: it cannot be read.  Protocols without ports have ports 0. */
static __always_inline bool sbx_packet_read(struct __sk_buff *skb, struct sbx_packet *p, bool out)
{
	__u32 at = sbx_packet_network(skb, p, out);
	__u8 head[14];

	if (!at)
		return false;
	if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP && p->proto != IPPROTO_UDPLITE)
		return true;
	if (bpf_skb_load_bytes(skb, at, head, 8))
		return false;
	p->sport = head[0] << 8 | head[1];
	p->dport = head[2] << 8 | head[3];
	p->data = at + 8;
	if (p->proto == IPPROTO_TCP) {
		p->seq = (__u32)head[4] << 24 | head[5] << 16 | head[6] << 8 | head[7];
		if (bpf_skb_load_bytes(skb, at + 12, head, 1))
			return false;
		p->data = at + (head[0] >> 4) * 4;
	}
	if (p->data > skb->len)
		return false;
	p->size = skb->len - p->data;
	return true;
}

#endif /* SBX_PACKET_BPF_H */

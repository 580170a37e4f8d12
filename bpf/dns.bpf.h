/* SPDX-License-Identifier: GPL-2.0-only */
/* Where addresses meet names: what DNS says about a destination (dns.bpf.c). */
#ifndef SBX_DNS_BPF_H
#define SBX_DNS_BPF_H

#include "decide.bpf.h"

/* What the rules for addresses say about a destination. */
enum sbx_said {
	SBX_SAID_NOTHING, /* the mode's default, which denies where domains are allowed */
	SBX_SAID_ALLOW,
	SBX_SAID_DENY,
};

/*
 * Decides the address in `ask` for a job with DNS rules, once the rules for addresses have spoken:
 * port 53 is for the policy's servers alone, and what no rule names may have been opened by an
 * answer.  0, or as sbx_refuse.
 */
int sbx_dns_address(struct sbx_task *t, struct sbx_ask *ask, __u32 dir, __u32 said);

/* A packet's part in DNS, out and in (hook_dns.bpf.c): 1 it may pass, 0 it is refused. */
int sbx_dns_out(struct __sk_buff *skb);
int sbx_dns_in(struct __sk_buff *skb);

/* SBX_CLASS_ALLOWS, or the number of the class's first rule. */
#define SBX_CLASS_ALLOWS (-1)
int sbx_class_allows(__u64 policy, __u32 class_id, __u32 proto, __u32 port);

/* 1: a UDP socket is connected where this class allows TCP to the port, or ICMP; see ask->probe. */
int sbx_may_probe(struct sbx_ask *ask, __u32 class_id);

/* Was a job with DNS rules ever bound?  Without one, no packet is looked at. */
static __always_inline bool is_anybody_asking(void)
{
	struct sbx_meta *meta = sbx_meta_get();

	return meta && meta->dns;
}

/* Is this one of the job's DNS servers? */
static __always_inline bool sbx_is_resolver(const struct sbx_job *job, const __u8 *addr)
{
	const __u64 *words = (const __u64 *)addr;
	__u32 n = job->n_resolvers;
	int i;

	for (i = 0; i < SBX_RESOLVERS_MAX; i++) {
		const __u64 *other = (const __u64 *)job->resolvers[i];

		if ((__u32)i < n && words[0] == other[0] && words[1] == other[1])
			return true;
	}
	return false;
}

#endif /* SBX_DNS_BPF_H */

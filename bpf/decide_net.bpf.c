// SPDX-License-Identifier: GPL-2.0-only
/* The verdict on sockets and addresses; what a refusal does is decide.bpf.c's. */
#include "dns.bpf.h"

/* What must be among sbx_job.sockets for this kind; 0: no rule can open it. */
static __always_inline __u32 socket_kind(const struct sbx_ask *ask)
{
	bool v6 = ask->address.family == AF_INET6;

	switch (ask->address.protocol) {
	case 0:
		if (ask->address.sock_type == SOCK_STREAM)
			return SBX_SOCK_TCP;
		return ask->address.sock_type == SOCK_DGRAM ? SBX_SOCK_UDP : 0;
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return ask->address.sock_type == SOCK_STREAM ? SBX_SOCK_TCP : 0;
	case IPPROTO_UDP:
		return ask->address.sock_type == SOCK_DGRAM ? SBX_SOCK_UDP : 0;
	case IPPROTO_UDPLITE:
		return ask->address.sock_type == SOCK_DGRAM ? SBX_SOCK_UDPLITE : 0;
	case IPPROTO_ICMP:
		return ask->address.sock_type == SOCK_DGRAM && !v6 ? SBX_SOCK_ICMP : 0;
	case IPPROTO_ICMPV6:
		return ask->address.sock_type == SOCK_DGRAM && v6 ? SBX_SOCK_ICMP : 0;
	default:
		return 0;
	}
}

int sbx_decide_socket(struct sbx_task *t, struct sbx_ask *ask)
{
	struct sbx_job *job;
	__u64 id, families;
	__u32 sockets;

	if (!ask)
		return EACCES;
	id = ask->job;
	ask->reason = SBX_REASON_FAMILY;
	ask->error = EAFNOSUPPORT;
	ask->object = SBX_OBJECT_ADDRESS;
	ask->rule = SBX_RULE_NONE;
	job = sbx_job_get(id);
	if (!job) {
		ask->reason = SBX_REASON_NO_POLICY;
		return sbx_refuse(t, ask);
	}
	families = job->families;
	sockets = job->sockets;
	if (job->id != id) {
		ask->reason = SBX_REASON_NO_POLICY;
		return sbx_refuse(t, ask);
	}
	if (sbx_is_quarantined(id)) {
		ask->reason = SBX_REASON_QUARANTINE;
		return sbx_refuse(t, ask);
	}
	if (ask->address.family == AF_NETLINK && ask->address.protocol == NETLINK_ROUTE &&
	    (sockets & SBX_SOCK_ROUTE))
		return 0; /* what it sends is judged */
	if (ask->address.family > 63 || !(families & (1ull << (ask->address.family & 63))))
		return sbx_refuse(t, ask);
	if (ask->address.family != AF_INET && ask->address.family != AF_INET6)
		return 0;
	if (ask->address.sock_type == SOCK_RAW)
		return 0; /* the guard raw_socket has let it pass; its packets are judged */
	if (sockets & socket_kind(ask))
		return 0;
	ask->error = EPROTONOSUPPORT;
	return sbx_refuse(t, ask);
}

static __always_inline int address_refuse(struct sbx_task *t, struct sbx_ask *ask, __u32 reason)
{
	ask->reason = reason;
	return sbx_refuse(t, ask);
}

int sbx_decide_address(struct sbx_task *t, struct sbx_ask *ask, __u32 dir)
{
	struct sbx_prefix_key key = { .prefixlen = 160, .dir = dir };
	struct sbx_class *class;
	struct sbx_job *job;
	void *prefixes, *classes;
	__u64 id, policy;
	__u32 *class_id, dns, proto, said;
	int i;

	if (!ask)
		return EACCES;
	id = ask->job;
	ask->object = SBX_OBJECT_ADDRESS;
	ask->rule = SBX_RULE_NONE;
	job = sbx_job_get(id);
	if (!job)
		return address_refuse(t, ask, SBX_REASON_NO_POLICY);
	policy = job->policy;
	ask->policy = policy;
	dns = job->dns;
	if (job->id != id)
		return address_refuse(t, ask, SBX_REASON_NO_POLICY);
	if (sbx_is_quarantined(id))
		return address_refuse(t, ask, SBX_REASON_QUARANTINE);
	prefixes = sbx_policy_map(&sbx_prefixes, policy);
	classes = sbx_policy_map(&sbx_classes, policy);
	if (!prefixes || !classes)
		return address_refuse(t, ask, SBX_REASON_NO_POLICY);
	__builtin_memcpy(key.addr, ask->address.addr, sizeof(key.addr));
	class_id = bpf_map_lookup_elem(prefixes, &key);
	if (!class_id)
		return address_refuse(t, ask, SBX_REASON_NO_POLICY);
	class = bpf_map_lookup_elem(classes, class_id);
	if (!class)
		return address_refuse(t, ask, SBX_REASON_NO_POLICY);
	proto = sbx_proto_of(ask->address.protocol);
	if (proto == SBX_PROTO_ICMP)
		ask->address.port = 0;
	i = sbx_class_find(class, proto, ask->address.port);
	said = SBX_SAID_NOTHING;
	if (i >= 0 && i < SBX_RANGES_MAX) {
		said = class->ranges[i].allow == 1 ? SBX_SAID_ALLOW : SBX_SAID_DENY;
		ask->rule = class->ranges[i].rule;
	}
	if (said != SBX_SAID_ALLOW && sbx_may_probe(ask, *class_id))
		said = SBX_SAID_ALLOW;
	if (dns)
		return sbx_dns_address(t, ask, dir, said);
	return said == SBX_SAID_ALLOW ? 0 : address_refuse(t, ask, SBX_REASON_RULE);
}

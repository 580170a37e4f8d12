// SPDX-License-Identifier: GPL-2.0-only
/*
 * Destinations that DNS answers have opened.  One look-up finds the grant of an address; it holds
 * for the ports of the rule whose name led there, until it expires, and under its own policy alone.
 * A deny by address is never overridden: then nothing here is asked.
 */
#include "dns.bpf.h"

/* Not inline: it is called in a loop, and the verifier follows it once. */
__noinline int sbx_class_allows(__u64 policy, __u32 class_id, __u32 proto, __u32 port)
{
	void *classes = sbx_policy_map(&sbx_classes, policy);
	struct sbx_class *class;
	int i;

	if (!classes)
		return SBX_RULE_NONE;
	class = bpf_map_lookup_elem(classes, &class_id);
	if (!class)
		return SBX_RULE_NONE;
	i = sbx_class_find(class, proto, port);
	if (i >= 0 && i < SBX_RANGES_MAX && class->ranges[i].allow == 1)
		return SBX_CLASS_ALLOWS;
	return class->ranges[0].rule & SBX_RULE_NONE;
}

int sbx_may_probe(struct sbx_ask *ask, __u32 class_id)
{
	if (!ask || ask->op != SBX_OP_CONNECT || ask->address.protocol != IPPROTO_UDP)
		return 0;
	ask->probe = sbx_class_allows(ask->policy, class_id, SBX_PROTO_TCP, ask->address.port) ==
			     SBX_CLASS_ALLOWS ||
		     sbx_class_allows(ask->policy, class_id, SBX_PROTO_ICMP, 0) == SBX_CLASS_ALLOWS;
	return ask->probe ? 1 : 0;
}

static __always_inline int refuse_for(struct sbx_task *t, struct sbx_ask *ask, __u32 reason)
{
	ask->reason = reason;
	return sbx_refuse(t, ask);
}

static __always_inline bool same_address(const __u8 *a, const __u8 *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/* An address that no rule names: what do the job's grants say? */
static __always_inline int by_grant(struct sbx_task *t, struct sbx_ask *ask, __u64 policy)
{
	__u64 id = ask->job, now = bpf_ktime_get_boot_ns();
	struct sbx_grant *other_port = 0, *expired = 0;
	struct sbx_grant_key key = {};
	void *grants = bpf_map_lookup_elem(&sbx_grants, &id);
	int i, said;

	if (!grants)
		return refuse_for(t, ask, SBX_REASON_RULE);
	__builtin_memcpy(key.addr, ask->address.addr, sizeof(key.addr));
	/* unrolled: of a counter on the stack Linux 6.1 forgets the value */
#pragma clang loop unroll(full)
	for (i = 0; i < SBX_GRANT_SLOTS; i++) {
		struct sbx_grant *grant;
		__u64 expires;

		key.slot = i;
		grant = bpf_map_lookup_elem(grants, &key);
		if (!grant || grant->policy != policy)
			continue;
		expires = grant->expires;
		said = sbx_class_allows(policy, grant->class_id,
					sbx_proto_of(ask->address.protocol), ask->address.port);
		if (!same_address(grant->addr, ask->address.addr))
			continue;
		if (expires <= now) {
			expired = grant;
		} else if (said == SBX_CLASS_ALLOWS) {
			return 0;
		} else if (sbx_may_probe(ask, grant->class_id)) {
			return 0;
		} else {
			other_port = grant;
			ask->rule = said;
		}
	}
	if (other_port) {
		ask->reason = SBX_REASON_RULE;
		return sbx_refuse_name(ask, &other_port->name);
	}
	if (expired) {
		ask->reason = SBX_REASON_EXPIRED;
		return sbx_refuse_name(ask, &expired->name);
	}
	return refuse_for(t, ask, SBX_REASON_RULE);
}

int sbx_dns_address(struct sbx_task *t, struct sbx_ask *ask, __u32 dir, __u32 said)
{
	struct sbx_job *job;
	__u64 id, policy;
	__u32 dns;

	if (!ask)
		return EACCES;
	id = ask->job;
	job = sbx_job_get(id);
	if (!job || job->id != id)
		return refuse_for(t, ask, SBX_REASON_NO_POLICY);
	dns = job->dns;
	policy = job->policy;
	if (ask->address.port == SBX_DNS_PORT) {
		bool closed = dir == SBX_DIR_OUT ? !sbx_is_resolver(job, ask->address.addr)
						 : (dns & SBX_DNS_NAMES) != 0;

		if (closed) {
			ask->rule = SBX_RULE_NONE;
			return refuse_for(t, ask, SBX_REASON_RESOLVER);
		}
	}
	if (said == SBX_SAID_ALLOW)
		return 0;
	if (said == SBX_SAID_DENY || dir != SBX_DIR_OUT || !(dns & SBX_DNS_NAMES))
		return refuse_for(t, ask, SBX_REASON_RULE);
	return by_grant(t, ask, policy);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The belt: what the jobs' sockets send and receive meets the policy once more, by whatever road
 * it came.  A socket about which the address hooks have decided under the present policy
 * (flow.bpf.h) costs a look at the job's entry.  Others are judged: raw and ICMP sockets packet by
 * packet, TCP and UDP by the peer that the kernel has for the socket, because what a packet says
 * may have been translated by the host.
 */
#include "belt.bpf.h"
#include "dns.bpf.h"
#include "meter.bpf.h"
#include "packet.bpf.h"

#define ALLOW 1
#define DENY 0
#define CONGESTED 2 /* dropped, and the sender is told as by a full queue: no error for UDP */

static __always_inline bool listens(struct sbx_ask *ask, __u32 port)
{
	ask->address.port = port;
	return !sbx_decide_address(0, ask, SBX_DIR_LISTEN);
}

/*
 * May the job listen where the socket does?  Its address may come from one that stands for all, and
 * its port from 0, for which the kernel chose one: as bind was asked.
 */
static __always_inline bool may_listen(struct sbx_ask *ask, struct bpf_sock *sk)
{
	__u32 *words = (__u32 *)ask->address.addr;
	__u32 port;

	socket_own(sk, ask->address.addr, &port);
	if (listens(ask, port) || listens(ask, 0))
		return true;
	words[0] = 0;
	words[1] = 0;
	words[2] = words[2] == bpf_htonl(0xffff) ? bpf_htonl(0xffff) : 0;
	words[3] = 0;
	if (listens(ask, port) || listens(ask, 0))
		return true;
	socket_own(sk, ask->address.addr, &port);
	ask->address.port = port;
	return false;
}

static __always_inline void start(struct sbx_ask *ask, struct bpf_sock *sk, __u64 job)
{
	ask->job = job;
	ask->op = SBX_OP_PACKET;
	ask->error = EPERM;
	ask->object = SBX_OBJECT_ADDRESS;
	ask->rule = SBX_RULE_NONE;
	ask->nobody = 1;
	ask->address.family = sk->family;
	ask->address.sock_type = sk->type;
	ask->address.protocol = sk->protocol;
}

/*
 * Notes what was just allowed, but for raw sockets, which may send anything else next.  Not inline,
 * nor what reads packets: the stack is short.
 */
static __noinline void note(struct bpf_sock *sk, struct sbx_flow *old, const struct sbx_ask *ask,
			    __u32 flags)
{
	struct sbx_flow flow = { .job = ask->job, .policy = ask->policy, .flags = flags };

	if (sk->type == SOCK_RAW)
		return;
	if (flags & SBX_FLOW_PEER) {
		__builtin_memcpy(flow.addr, ask->address.addr, sizeof(flow.addr));
		flow.port = ask->address.port;
	}
	sbx_flow_add(sk, old, &flow);
}

static __always_inline int refuse(struct sbx_ask *ask, __u32 reason)
{
	ask->quiet = 0;
	ask->reason = reason;
	return sbx_refuse(0, ask) ? DENY : ALLOW;
}

/* A TCP socket: one that listens, was accepted, or has connected. */
static __always_inline int judge_tcp(struct bpf_sock *sk, struct sbx_flow *flow,
				     struct sbx_ask *ask)
{
	__u32 port;

	if (sk->state == BPF_TCP_LISTEN || (flow && flow->flags & SBX_FLOW_SERVER)) {
		ask->op = SBX_OP_LISTEN;
		ask->quiet = 1;
		if (!may_listen(ask, sk))
			return refuse(ask, SBX_REASON_RULE);
		note(sk, flow, ask, SBX_FLOW_SERVER);
		return ALLOW;
	}
	socket_peer(sk, ask->address.addr, &port);
	ask->address.port = port;
	if (sbx_decide_address(0, ask, SBX_DIR_OUT))
		return DENY;
	note(sk, flow, ask, SBX_FLOW_PEER);
	return ALLOW;
}

/* Writes a packet's other end into `ask`; returns bits of what it is. */
#define IS_READABLE 1
#define IS_DNS 2
static __noinline int read_peer(struct __sk_buff *skb, struct sbx_ask *ask, bool out)
{
	struct sbx_packet p = {};
	int is = sbx_packet_read(skb, &p, out) ? IS_READABLE : 0;

	if (p.dport == SBX_DNS_PORT || p.sport == SBX_DNS_PORT)
		is |= IS_DNS;
	__builtin_memcpy(ask->address.addr, p.addr, sizeof(ask->address.addr));
	ask->address.family = p.family;
	ask->address.protocol = p.proto;
	ask->address.port = out ? p.dport : p.sport;
	return is;
}

/* Was this very end noted? */
static __always_inline bool is_noted(const struct sbx_flow *flow, const struct sbx_ask *ask)
{
	return flow && is_peer(flow, ask->address.addr, ask->address.port) && sbx_flow_holds(flow);
}

static __always_inline int judge_out(struct __sk_buff *skb, struct bpf_sock *sk,
				     struct sbx_flow *flow, const struct sbx_job *job,
				     struct sbx_ask *ask)
{
	int is = read_peer(skb, ask, true);

	/* The kernel wraps packets of a protocol that the socket cannot choose (IPsec, tunnels). */
	if (sk->type != SOCK_RAW && ask->address.protocol && ask->address.protocol != sk->protocol)
		return ALLOW;
	if (job->dns && (is & (IS_READABLE | IS_DNS)) != IS_READABLE)
		return ALLOW; /* hook_dns.bpf.c judges it */
	if (!(is & IS_READABLE))
		return refuse(ask, SBX_REASON_PACKET);
	if (sk->type != SOCK_RAW && is_noted(flow, ask))
		return ALLOW;
	if (sbx_decide_address(0, ask, SBX_DIR_OUT))
		return DENY;
	note(sk, flow, ask, SBX_FLOW_PEER);
	return ALLOW;
}

/* What comes is what was asked for, or comes to where the job may listen. */
static __always_inline int judge_in(struct __sk_buff *skb, struct bpf_sock *sk,
				    struct sbx_flow *flow, struct sbx_ask *ask)
{
	if (!(read_peer(skb, ask, false) & IS_READABLE))
		return refuse(ask, SBX_REASON_PACKET);
	if (is_noted(flow, ask))
		return ALLOW;
	ask->quiet = 1;
	if (!sbx_decide_address(0, ask, SBX_DIR_OUT)) {
		if (!flow || !(flow->flags & SBX_FLOW_PEER))
			note(sk, flow, ask, SBX_FLOW_PEER);
		return ALLOW;
	}
	if (is_datagram(sk) && may_listen(ask, sk)) {
		note(sk, flow, ask, SBX_FLOW_SERVER);
		return ALLOW;
	}
	read_peer(skb, ask, false);
	ask->rule = SBX_RULE_NONE;
	return refuse(ask, SBX_REASON_RULE);
}

/* In mode audit the address hooks have told what they would refuse, but for these sockets. */
static __always_inline bool is_told(const struct sbx_job *job, struct bpf_sock *sk)
{
	return job->mode == SBX_MODE_AUDIT &&
	       (is_tcp(sk) || (is_datagram(sk) && sk->state != BPF_TCP_ESTABLISHED));
}

/* ALLOW, DENY; *ret_job: 0: none of ours.  Not inline: DNS needs the stack for itself. */
static __noinline int belt_out(struct __sk_buff *skb, __u64 *ret_job)
{
	struct sbx_ask asking = {}, *ask = &asking;
	struct bpf_sock *sk = skb->sk ? bpf_sk_fullsock(skb->sk) : 0;
	struct sbx_flow *flow;
	struct sbx_job *job;
	__u64 id;

	if (!sk) { /* the kernel's own answer */
		*ret_job = job_of(skb);
		return ALLOW;
	}
	if (!is_plain(skb) && names_a_route(skb, ask)) {
		*ret_job = job_of(skb); /* in mode audit it passes, and is counted */
		start(ask, sk, *ret_job);
		ask->op = SBX_OP_SEND;
		ask->nobody = 0; /* whoever set the socket's option */
		return refuse(ask, SBX_REASON_ROUTE);
	}
	flow = bpf_sk_storage_get(&sbx_flows, sk, 0, 0);
	if (flow && is_known(flow, sk, true)) {
		*ret_job = flow->job;
		return ALLOW;
	}
	id = job_of(skb);
	*ret_job = id;
	if (!id)
		return ALLOW;
	start(ask, sk, id);
	ask->nobody = !sbx_is_running(id);
	job = sbx_job_get(id);
	if (!job || job->id != id)
		return refuse(ask, SBX_REASON_NO_POLICY);
	if (sbx_is_quarantined(id))
		return DENY; /* its calls are told, not each packet that is sent again */
	if (is_told(job, sk))
		return ALLOW;
	return is_tcp(sk) ? judge_tcp(sk, flow, ask) : judge_out(skb, sk, flow, job, ask);
}

static __noinline int belt_in(struct __sk_buff *skb, __u64 *ret_job)
{
	struct sbx_ask asking = {}, *ask = &asking;
	struct bpf_sock *sk = skb->sk ? bpf_sk_fullsock(skb->sk) : 0;
	struct sbx_flow *flow = 0;
	struct sbx_job *job;
	__u64 id;

	if (sk)
		flow = bpf_sk_storage_get(&sbx_flows, sk, 0, 0);
	if (sk && flow && is_known(flow, sk, false)) {
		*ret_job = flow->job;
		return ALLOW;
	}
	id = job_of(skb);
	*ret_job = id;
	if (!id || !sk || sk->type == SOCK_RAW)
		return ALLOW; /* raw sockets: the guard has let them listen */
	start(ask, sk, id);
	job = sbx_job_get(id);
	if (!job || job->id != id)
		return refuse(ask, SBX_REASON_NO_POLICY);
	if (sbx_is_quarantined(id))
		return DENY;
	if (job->mode == SBX_MODE_AUDIT)
		return ALLOW; /* what it would refuse was told when it was sent, or bound */
	return is_tcp(sk) ? judge_tcp(sk, flow, ask) : judge_in(skb, sk, flow, ask);
}

/* What no rule refuses is metered last. */
SEC("cgroup_skb/egress")
int sbx_egress(struct __sk_buff *skb)
{
	__u64 job = 0;

	if (!belt_out(skb, &job) || !sbx_dns_out(skb))
		return DENY;
	return sbx_meter(skb, job, SBX_WAY_OUT) ? ALLOW : CONGESTED;
}

SEC("cgroup_skb/ingress")
int sbx_ingress(struct __sk_buff *skb)
{
	__u64 job = 0;

	if (!belt_in(skb, &job) || !sbx_dns_in(skb))
		return DENY;
	return sbx_meter(skb, job, SBX_WAY_IN) ? ALLOW : DENY;
}

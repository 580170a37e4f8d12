// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages over netlink.  A policy may name the whole family, or only questions about interfaces,
 * addresses and routes: then a message is one of RTM_GET*, and the only one of its datagram.  The
 * hook sees the kernel's copy.
 */
#include "decide.bpf.h"

#define NLMSG_ALIGN(len) (((len) + 3) & ~3u)
#define RTM_BASE 16
#define RTM_KIND_MASK 3
#define RTM_KIND_GET 2

struct nlmsghdr {
	__u32 nlmsg_len;
	__u16 nlmsg_type;
	__u16 nlmsg_flags;
	__u32 nlmsg_seq;
	__u32 nlmsg_pid;
};

static __always_inline bool is_question(const struct nlmsghdr *head, __u32 len)
{
	return head->nlmsg_len >= sizeof(*head) && NLMSG_ALIGN(head->nlmsg_len) >= len &&
	       head->nlmsg_type >= RTM_BASE && (head->nlmsg_type & RTM_KIND_MASK) == RTM_KIND_GET;
}

SEC("lsm/netlink_send")
int BPF_PROG(sbx_netlink, struct sock *sk, struct sk_buff *skb, int ret)
{
	struct nlmsghdr head = {};
	struct sbx_ask *ask;
	struct sbx_task *t;
	struct sbx_job *job;
	__u64 id;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	id = t->job;
	job = sbx_job_get(id);
	if (job && (job->families & (1ull << AF_NETLINK)) && job->id == id)
		return 0;
	bpf_probe_read_kernel(&head, sizeof(head), BPF_CORE_READ(skb, data));
	if (job && (job->sockets & SBX_SOCK_ROUTE) && job->id == id &&
	    BPF_CORE_READ(sk, sk_protocol) == NETLINK_ROUTE &&
	    is_question(&head, BPF_CORE_READ(skb, len)))
		return 0;
	ask = sbx_ask_start(t, SBX_OP_NETLINK, 0, SBX_REASON_FAMILY, EPERM);
	ask->object = SBX_OBJECT_NUMBER;
	ask->number = head.nlmsg_type;
	return sbx_verdict(sbx_refuse(t, ask));
}

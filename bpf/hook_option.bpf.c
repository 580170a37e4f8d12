// SPDX-License-Identifier: GPL-2.0-only
/* Options of sockets that reach further than the socket: joining multicast groups. */
#include "decide.bpf.h"

#define IPPROTO_IP 0
#define IPPROTO_IPV6 41
#define IP_ADD_MEMBERSHIP 35
#define IP_ADD_SOURCE_MEMBERSHIP 39
#define IPV6_JOIN_GROUP 20
#define IPV6_JOIN_ANYCAST 27
#define MCAST_JOIN_GROUP 42
#define MCAST_JOIN_SOURCE_GROUP 46

static __always_inline bool joins_group(int level, int name)
{
	if (level != IPPROTO_IP && level != IPPROTO_IPV6)
		return false;
	if (name == MCAST_JOIN_GROUP || name == MCAST_JOIN_SOURCE_GROUP)
		return true;
	if (level == IPPROTO_IP)
		return name == IP_ADD_MEMBERSHIP || name == IP_ADD_SOURCE_MEMBERSHIP;
	return name == IPV6_JOIN_GROUP || name == IPV6_JOIN_ANYCAST;
}

/*
 * The kernel tells the network which groups somebody joins, by packets of its own that meet no
 * address hook: so the name of a group carries data out.  Joining takes what serving everybody
 * takes.  Which group it is the hook is not told.
 */
SEC("lsm/socket_setsockopt")
int BPF_PROG(sbx_setsockopt, struct socket *sock, int level, int name, int ret)
{
	struct sbx_ask *ask;
	struct sbx_task *t;
	struct sock *sk;

	if (ret || !joins_group(level, name))
		return ret;
	sk = sock->sk;
	t = sbx_subject();
	if (!t || !sk)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_LISTEN, 0, SBX_REASON_RULE, EACCES);
	ask->address.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ask->address.sock_type = BPF_CORE_READ(sock, type);
	ask->address.protocol = BPF_CORE_READ(sk, sk_protocol);
	ask->address.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (ask->address.family == AF_INET) {
		ask->address.addr[10] = 0xff;
		ask->address.addr[11] = 0xff;
	}
	return sbx_verdict(sbx_decide_address(t, ask, SBX_DIR_LISTEN));
}

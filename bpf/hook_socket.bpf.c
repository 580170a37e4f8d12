// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets where cgroup programs do not reach: which families exist for the job, Unix peers, and
 * listening without bind.  Internet addresses are decided in hook_cgroup.bpf.c.
 */
#include "edge.bpf.h"
#include "walk.bpf.h"

/* The head of sockaddr_in and of sockaddr_in6. */
struct sockaddr_any {
	__u16 family;
	__u16 port;
	__u32 addr4; /* sockaddr_in6: flow */
	__u8 addr6[16];
};

#define SBX_ABSTRACT_MAX 107 /* bytes of sun_path after its leading 0 */
_Static_assert(sizeof(struct sbx_dns_name) <= 8 * SBX_DENTRY_SLOTS, "a name must fit");

static __always_inline bool is_inet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

/* Such a task would make sockets that the job's cgroup programs never see. */
static __always_inline bool was_moved_out(const struct sbx_task *t)
{
	return sbx_cgroup_job(bpf_get_current_cgroup_id()) != t->job;
}

/* The caller is in a cgroup of its job, and so is the socket: the same one, nearly always. */
static __always_inline bool is_at_home(const struct sbx_task *t, __u64 socket_cgroup)
{
	__u64 cgroup = bpf_get_current_cgroup_id();

	return sbx_cgroup_job(cgroup) == t->job &&
	       (socket_cgroup == cgroup || sbx_cgroup_job(socket_cgroup) == t->job);
}

SEC("lsm/socket_create")
int BPF_PROG(sbx_socket, int family, int type, int protocol, int kern, int ret)
{
	struct sbx_ask *ask;
	struct sbx_task *t;
	__u32 guard = 0;
	int code;

	if (ret)
		return ret;
	if (kern)
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	if (family == AF_PACKET || (type == SOCK_RAW && family != AF_NETLINK && family != AF_VSOCK))
		guard = SBX_GUARD_RAW_SOCKET;
	if (family == AF_VSOCK)
		guard = SBX_GUARD_VSOCK;
	if (guard) {
		code = sbx_guard_number(t, SBX_OP_SOCKET, guard, family);
		if (code)
			return sbx_verdict(code);
		if (!is_inet(family))
			return 0; /* the guard lets it pass, and no list names these families */
	}
	ask = sbx_ask_start(t, SBX_OP_SOCKET, 0, SBX_REASON_FOREIGN, EAFNOSUPPORT);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = family;
	ask->address.sock_type = type;
	ask->address.protocol = protocol;
	if (is_inet(family) && was_moved_out(t))
		return sbx_verdict(sbx_refuse(t, ask));
	return sbx_verdict(sbx_decide_socket(t, ask));
}

/* The job in whose cgroup a socket was made, or 0. */
static __always_inline __u64 sock_job(const struct sock *sk)
{
	return sbx_cgroup_job(sbx_cgroup_id(BPF_CORE_READ(sk, sk_cgrp_data.cgroup)));
}

/* Where the caller wants to; `address` is the kernel's copy.  False: nowhere, it disconnects. */
static __always_inline bool set_target(struct sbx_ask *ask, const void *address)
{
	__u32 *words = (__u32 *)ask->address.addr;
	struct sockaddr_any any = {};

	bpf_probe_read_kernel(&any, sizeof(any), address);
	ask->address.port = bpf_ntohs(any.port);
	if (any.family == AF_INET6) {
		__builtin_memcpy(ask->address.addr, any.addr6, sizeof(any.addr6));
	} else {
		words[2] = bpf_htonl(0xffff);
		words[3] = any.addr4;
	}
	return any.family;
}

/*
 * A socket that was made outside, or in whose job the caller no longer is: the cgroup programs
 * would not see the one, and do not know for which job to log the other.  UDP-Lite is decided here
 * altogether: the kernel does not ask them.
 */
SEC("lsm/socket_connect")
int BPF_PROG(sbx_sock_conn, struct socket *sock, void *address, int addrlen, int ret)
{
	struct sock *sk = sock->sk;
	struct sbx_ask *ask;
	struct sbx_task *t;
	__u32 protocol;
	bool ours, connects;

	if (ret)
		return ret;
	if (!sk || !is_inet(sk->__sk_common.skc_family))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	ours = is_at_home(t, sk->sk_cgrp_data.cgroup->kn->id);
	protocol = BPF_CORE_READ(sk, sk_protocol);
	if (ours && protocol != IPPROTO_UDPLITE)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_CONNECT, 0, SBX_REASON_FOREIGN, EACCES);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ask->address.sock_type = BPF_CORE_READ(sock, type);
	ask->address.protocol = protocol;
	connects = set_target(ask, address);
	if (!ours)
		return sbx_verdict(sbx_refuse(t, ask));
	if (!connects)
		return 0;
	sbx_ask_loopback(ask);
	return sbx_verdict(sbx_decide_address(t, ask, SBX_DIR_OUT));
}

/* A descriptor that somebody sent: an internet socket from outside would pass every rule by. */
SEC("lsm/file_receive")
int BPF_PROG(sbx_receive, struct file *file, int ret)
{
	struct sbx_ask *ask;
	struct sbx_task *t;
	struct socket *sock;
	struct sock *sk;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t || (file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
		return 0;
	sock = (struct socket *)BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(sock, sk);
	if (!sk || !is_inet(BPF_CORE_READ(sk, __sk_common.skc_family)) || sock_job(sk) == t->job)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_RECEIVE, 0, SBX_REASON_FOREIGN, EACCES);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ask->address.sock_type = BPF_CORE_READ(sock, type);
	ask->address.protocol = BPF_CORE_READ(sk, sk_protocol);
	return sbx_verdict(sbx_refuse(t, ask));
}

/* The peer's abstract name; len 0: it has none. */
static __always_inline void read_abstract(const struct unix_sock *sk, struct sbx_dns_name *ret_name)
{
	struct unix_address *addr = BPF_CORE_READ(sk, addr);
	const __u32 head = sizeof(__u16) + 1; /* family, and the 0 that makes it abstract */
	__u32 len = addr ? BPF_CORE_READ(addr, len) : 0;

	ret_name->len = 0;
	if (len <= head || len > head + SBX_ABSTRACT_MAX)
		return;
	len -= head;
	asm volatile("" : "+r"(len));
	if (len > SBX_ABSTRACT_MAX ||
	    bpf_probe_read_kernel(ret_name->wire, len,
				  (const char *)addr + bpf_core_field_offset(addr->name) + head))
		return;
	ret_name->len = len;
}

/* Does the job's policy name this abstract socket? */
static __always_inline bool is_named(__u64 id, const struct sbx_dns_name *name)
{
	struct sbx_job *job = sbx_job_get(id);
	__u64 policy = job ? job->policy : 0;
	struct sbx_edge *edge;
	bool bad = false;
	void *edges;

	if (!job || job->id != id || !name->len)
		return false;
	edges = sbx_policy_map(&sbx_edges, policy);
	if (!edges)
		return false;
	edge = sbx_edge_find(edges, SBX_NODE_UNIX, name->wire, name->len, false, &bad);
	return edge && edge->name_class == 1;
}

/*
 * A peer by its abstract name.  The room for it is the task's chain of dentries, idle here.
 */
static __always_inline int abstract_peer(struct sbx_task *t, const struct unix_sock *sk, __u32 op)
{
	struct sbx_dns_name *name = (struct sbx_dns_name *)t->dentries;
	struct sbx_ask *ask;

	read_abstract(sk, name);
	if (!sbx_is_quarantined(t->job) && is_named(t->job, name))
		return 0;
	ask = sbx_ask_start(t, op, 0, SBX_REASON_FOREIGN, EACCES);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = AF_UNIX;
	ask->address.sock_type = BPF_CORE_READ((const struct sock *)sk, sk_type);
	return name->len ? sbx_refuse_name(ask, name) : sbx_refuse(t, ask);
}

/*
 * Peers inside the job need no right, pathname sockets the right `connect`, abstract ones a policy
 * that names them; others are closed.
 */
static __always_inline int unix_peer(struct sbx_task *t, struct sock *peer, __u32 op)
{
	struct unix_sock *sk = (struct unix_sock *)peer;
	struct dentry *dentry;

	if (sock_job(peer) == t->job)
		return 0;
	dentry = BPF_CORE_READ(sk, path.dentry);
	if (dentry)
		return sbx_ask_path_untyped(t, dentry, BPF_CORE_READ(sk, path.mnt), op,
					    SBX_RIGHT_CONNECT);
	return abstract_peer(t, sk, op);
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(sbx_unix_conn, struct sock *sock, struct sock *other, struct sock *newsk, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(unix_peer(t, other, SBX_OP_UNIX_CONNECT));
}

SEC("lsm/unix_may_send")
int BPF_PROG(sbx_unix_send, struct socket *sock, struct socket *other, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t)
		return 0;
	return sbx_verdict(unix_peer(t, BPF_CORE_READ(other, sk), SBX_OP_UNIX_SEND));
}

/* A socket that was never bound gets a port by listening. */
SEC("lsm/socket_listen")
int BPF_PROG(sbx_listen, struct socket *sock, int backlog, int ret)
{
	struct sock *sk = sock->sk;
	struct sbx_ask *ask;
	struct sbx_task *t;
	__u32 addr4;

	if (ret)
		return ret;
	t = sbx_subject();
	if (!t || !sk)
		return 0;
	ask = sbx_ask_start(t, SBX_OP_LISTEN, 0, SBX_REASON_RULE, EACCES);
	ask->address.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ask->address.sock_type = BPF_CORE_READ(sock, type);
	ask->address.protocol = BPF_CORE_READ(sk, sk_protocol);
	ask->address.port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (ask->address.family == AF_INET) {
		addr4 = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		ask->address.addr[10] = 0xff;
		ask->address.addr[11] = 0xff;
		__builtin_memcpy(&ask->address.addr[12], &addr4, sizeof(addr4));
	} else if (ask->address.family == AF_INET6) {
		bpf_core_read(ask->address.addr, sizeof(ask->address.addr),
			      &sk->__sk_common.skc_v6_rcv_saddr);
	} else {
		return 0;
	}
	return sbx_verdict(sbx_decide_address(t, ask, SBX_DIR_LISTEN));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets where cgroup programs do not reach: which families exist for the job, Unix peers, and
 * listening without bind.  Internet addresses are decided in hook_cgroup.bpf.c.
 */
#include "walk.bpf.h"

/* The head of sockaddr_in and of sockaddr_in6. */
struct sockaddr_any {
	__u16 family;
	__u16 port;
	__u32 addr4; /* sockaddr_in6: flow */
	__u8 addr6[16];
};

static __always_inline bool is_inet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

/* Such a task would make sockets that the job's cgroup programs never see. */
static __always_inline bool was_moved_out(const struct sbx_task *t)
{
	return sbx_cgroup_job(bpf_get_current_cgroup_id()) != t->job;
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

/* Fills in where the caller wants to; `address` is the kernel's copy. */
static __always_inline void set_target(struct sbx_ask *ask, const void *address)
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
}

/*
 * A socket that was made outside, or in whose job the caller no longer is: the cgroup programs
 * would not see the one, and do not know for which job to log the other.
 */
SEC("lsm/socket_connect")
int BPF_PROG(sbx_sock_conn, struct socket *sock, void *address, int addrlen, int ret)
{
	struct sock *sk = sock->sk;
	struct sbx_ask *ask;
	struct sbx_task *t;

	if (ret)
		return ret;
	if (!sk || !is_inet(sk->__sk_common.skc_family))
		return 0;
	t = sbx_subject();
	if (!t)
		return 0;
	if (sock_job(sk) == t->job && !was_moved_out(t))
		return 0;
	ask = sbx_ask_start(t, SBX_OP_CONNECT, 0, SBX_REASON_FOREIGN, EACCES);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ask->address.sock_type = BPF_CORE_READ(sock, type);
	ask->address.protocol = BPF_CORE_READ(sk, sk_protocol);
	set_target(ask, address);
	return sbx_verdict(sbx_refuse(t, ask));
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

/* Peers inside the job need no right, pathname sockets the right `connect`, others are closed. */
static __always_inline int unix_peer(struct sbx_task *t, struct sock *peer, __u32 op)
{
	struct unix_sock *sk = (struct unix_sock *)peer;
	struct dentry *dentry;
	struct sbx_ask *ask;

	if (sock_job(peer) == t->job)
		return 0;
	dentry = BPF_CORE_READ(sk, path.dentry);
	if (dentry)
		return sbx_ask_path_untyped(t, dentry, BPF_CORE_READ(sk, path.mnt), op,
					    SBX_RIGHT_CONNECT);
	ask = sbx_ask_start(t, op, 0, SBX_REASON_FOREIGN, EACCES);
	ask->object = SBX_OBJECT_ADDRESS;
	ask->address.family = AF_UNIX;
	return sbx_refuse(t, ask);
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

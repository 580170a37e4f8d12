// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internet addresses: programs on the cgroup below which all jobs live, so that tasks outside
 * pay nothing.  They run by the cgroup in which a socket was made, and ask for the job of the
 * caller: a caller that belongs to none (it was moved out, or was given the socket) is refused;
 * jobs of another build's engine, which has programs of its own there, are not ours to judge. Every
 * address is brought into one form before anything else: IPv4 as v4-mapped IPv6, and the
 * unspecified destination as the loopback address that the kernel makes of it.
 */
#include "decide.bpf.h"
#include "flow.bpf.h"

/* 1: no other programs are loaded, so what these can judge is judged here. */
const volatile __u32 sbx_addresses_only = 0;

#define ALLOW 1
#define DENY 0

static __always_inline int verdict(int code)
{
	if (!code)
		return ALLOW;
	bpf_set_retval(sbx_errno(code));
	return DENY;
}

static __always_inline __u64 current_job(void)
{
	return sbx_cgroup_job(bpf_get_current_cgroup_id());
}

/* In a cgroup beside those of our jobs: a job of another build's engine, which judges it. */
static __always_inline bool is_of_another_engine(__u64 root)
{
	int level;

	if (sbx_current_cgroup_job())
		return false;
	for (level = 1; level < 16; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);

		if (!id)
			return false;
		if (id == root)
			return true;
	}
	return false;
}

/* A job's socket in the hands of a task that belongs to no job. */
static __noinline int refuse_stranger(void)
{
	struct sbx_meta *meta = sbx_meta_get();

	if (meta && is_of_another_engine(meta->cgroup))
		return ALLOW;
	if (meta)
		__sync_fetch_and_add(&meta->no_policy, 1);
	bpf_set_retval(-EACCES);
	return DENY;
}

static __always_inline void set_addr4(struct sbx_ask *ask, __u32 addr)
{
	__u32 *words = (__u32 *)ask->address.addr;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = addr;
}

/*
 * What was just let pass need not be judged again for each of its packets.  Not inline: the stack
 * of the call to sbx_decide_address is short.
 */
static __noinline void note(struct bpf_sock_addr *ctx, const struct sbx_ask *ask)
{
	struct sbx_flow flow = {
		.job = ask->job,
		.policy = ask->policy,
		.port = ask->address.port,
		.flags = ask->op == SBX_OP_SEND ? SBX_FLOW_PEER | SBX_FLOW_ASKED : SBX_FLOW_PEER,
	};
	struct bpf_sock *sk = ctx->sk;
	struct sbx_flow *old;

	if (!sk)
		return;
	old = bpf_sk_storage_get(&sbx_flows, sk, 0, 0);
	if (ask->probe) {
		if (old)
			sbx_flow_forget(sk);
		return;
	}
	__builtin_memcpy(flow.addr, ask->address.addr, sizeof(flow.addr));
	if (ask->op == SBX_OP_CONNECT) {
		if (!old || old->flags != SBX_FLOW_PEER || !sbx_flow_says(old, &flow))
			sbx_flow_replace(sk, &flow);
		return;
	}
	if (old && (old->flags & SBX_FLOW_ASKED) && old->policy == flow.policy)
		return; /* of several peers one is noted: the others' packets are judged */
	sbx_flow_add(sk, old, &flow);
}

static __always_inline int ask_address(struct bpf_sock_addr *ctx, struct sbx_ask *ask, __u32 op,
				       __u32 dir)
{
	int code;

	ask->op = op;
	ask->error = EACCES;
	ask->address.port = bpf_ntohs(ctx->user_port);
	ask->address.protocol = ctx->protocol;
	ask->address.sock_type = ctx->type;
	if (dir == SBX_DIR_OUT)
		sbx_ask_loopback(ask);
	code = sbx_decide_address(0, ask, dir);
	if (!code && dir == SBX_DIR_OUT)
		note(ctx, ask);
	return verdict(code);
}

static __always_inline int ask4(struct bpf_sock_addr *ctx, __u32 op, __u32 dir)
{
	struct sbx_ask ask = { .job = current_job() };

	if (!ask.job)
		return refuse_stranger();
	ask.address.family = AF_INET;
	set_addr4(&ask, ctx->user_ip4);
	return ask_address(ctx, &ask, op, dir);
}

static __always_inline int ask6(struct bpf_sock_addr *ctx, __u32 op, __u32 dir)
{
	struct sbx_ask ask = { .job = current_job() };
	__u32 *words = (__u32 *)ask.address.addr;

	if (!ask.job)
		return refuse_stranger();
	ask.address.family = AF_INET6;
	words[0] = ctx->user_ip6[0];
	words[1] = ctx->user_ip6[1];
	words[2] = ctx->user_ip6[2];
	words[3] = ctx->user_ip6[3];
	return ask_address(ctx, &ask, op, dir);
}

SEC("cgroup/connect4")
int sbx_connect4(struct bpf_sock_addr *ctx)
{
	return ask4(ctx, SBX_OP_CONNECT, SBX_DIR_OUT);
}

SEC("cgroup/connect6")
int sbx_connect6(struct bpf_sock_addr *ctx)
{
	return ask6(ctx, SBX_OP_CONNECT, SBX_DIR_OUT);
}

SEC("cgroup/sendmsg4")
int sbx_sendmsg4(struct bpf_sock_addr *ctx)
{
	return ask4(ctx, SBX_OP_SEND, SBX_DIR_OUT);
}

SEC("cgroup/sendmsg6")
int sbx_sendmsg6(struct bpf_sock_addr *ctx)
{
	return ask6(ctx, SBX_OP_SEND, SBX_DIR_OUT);
}

/*
 * A socket bound to no address and no port, as resolvers bind theirs (musl, BIND): the kernel does
 * just that for one that sends or connects without having been bound, and asks nobody.  That a
 * stream socket listens afterwards is asked about where it does; not so by these programs alone.
 */
static __always_inline bool binds_nothing(const struct bpf_sock_addr *ctx)
{
	if (ctx->user_port)
		return false;
	return ctx->type == SOCK_DGRAM || (ctx->type == SOCK_STREAM && !sbx_addresses_only);
}

SEC("cgroup/bind4")
int sbx_bind4(struct bpf_sock_addr *ctx)
{
	if (binds_nothing(ctx) && !ctx->user_ip4)
		return ALLOW;
	return ask4(ctx, SBX_OP_BIND, SBX_DIR_LISTEN);
}

SEC("cgroup/bind6")
int sbx_bind6(struct bpf_sock_addr *ctx)
{
	if (binds_nothing(ctx) &&
	    !(ctx->user_ip6[0] | ctx->user_ip6[1] | ctx->user_ip6[2] | ctx->user_ip6[3]))
		return ALLOW;
	return ask6(ctx, SBX_OP_BIND, SBX_DIR_LISTEN);
}

SEC("cgroup/sock_create")
int sbx_sock_create(struct bpf_sock *ctx)
{
	struct sbx_ask ask = { .op = SBX_OP_SOCKET, .job = current_job() };
	int code;

	if (!ask.job)
		return refuse_stranger();
	ask.address.family = ctx->family;
	ask.address.sock_type = ctx->type;
	ask.address.protocol = ctx->protocol;
	if (sbx_addresses_only && ctx->type == SOCK_RAW) {
		ask.guard = SBX_GUARD_RAW_SOCKET;
		ask.reason = SBX_REASON_GUARD;
		ask.error = EPERM;
		ask.object = SBX_OBJECT_NUMBER;
		ask.rule = SBX_RULE_NONE;
		ask.number = ctx->family;
		code = sbx_refuse(0, &ask);
		if (code)
			return verdict(code);
		return ALLOW;
	}
	return verdict(sbx_decide_socket(0, &ask));
}

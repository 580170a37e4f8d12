// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bandwidth and accounting.  A limit is one number a direction, the time at which all that has
 * passed is paid for: a packet passes while that lies in the past, and moves it on by its own
 * length; SBX_BURST_NS of the past count at most.  So the limit holds for whatever socket sends,
 * on all processors together, without a lock.
 *
 * TCP that only met drops would send in bursts and starve its smaller connections.  So each
 * connection that sends is also paced by its socket, at a rate that falls with what is left of
 * the limit: all settle where they take the limit together, each an equal part of it.  What comes
 * in cannot be paced from here: its sender finds the limit by what is dropped.
 *
 * Not seen here: packets that the kernel sends for a connection after its socket is gone, and
 * those of packet sockets (guard raw_socket).
 */
#include "meter.bpf.h"
#include "packet.bpf.h"

#define NS_PER_S 1000000000ull
#define LOOPBACK_IFINDEX 1 /* of every network namespace */
#define CHARGE_TRIES 8
#define SOL_SOCKET 1
#define SO_MAX_PACING_RATE 47
#define PACING_MAX 0xfffffffeull /* bytes a second; all ones would mean none */
/* What a connection may send at least: a part of the limit, or what one packet of 64 KB takes. */
#define PACING_PARTS 8
#define PACING_MIN 0x20000
#define LEVEL_BITS 10

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_JOBS_MAX);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct sbx_meter));
} sbx_meters SEC(".maps");

/* Entries are never removed, so a pointer to one stays that destination's. */
struct sbx_dests_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_DESTS_MAX);
	__uint(key_size, sizeof(struct sbx_dest_key));
	__uint(value_size, sizeof(struct sbx_dest));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_dests_inner);
} sbx_dests SEC(".maps");

static __always_inline void count(struct sbx_traffic *traffic, __u64 packets, __u64 bytes)
{
	__sync_fetch_and_add(&traffic->packets, packets);
	__sync_fetch_and_add(&traffic->bytes, bytes);
}

/* Charges so many bytes to the job's limit; false: it is used up, nothing was charged. */
static __always_inline bool charge(struct sbx_meter *meter, __u32 way, __u64 bytes)
{
	__u64 rate = meter->rate[way], now, cost, due, from;
	int i;

	if (!rate)
		return true;
	now = bpf_ktime_get_ns();
	cost = bytes * NS_PER_S / rate;
	for (i = 0; i < CHARGE_TRIES; i++) {
		due = *(volatile __u64 *)&meter->due[way];
		if (due > now)
			return false;
		from = due + SBX_BURST_NS < now ? now - SBX_BURST_NS : due;
		if (__sync_val_compare_and_swap(&meter->due[way], due, from + cost) == due)
			return true;
	}
	__sync_fetch_and_add(&meter->due[way], cost); /* others were faster each time */
	return true;
}

/* Counts what passed by its destination, made where it is new. */
static __always_inline bool count_dest(__u64 job, const struct sbx_packet *p, __u32 way,
				       __u64 packets, __u64 bytes)
{
	static const struct sbx_dest none;
	struct sbx_dest_key key = {
		.port = way == SBX_WAY_OUT ? p->dport : p->sport,
		.proto = p->proto,
	};
	void *dests = bpf_map_lookup_elem(&sbx_dests, &job);
	struct sbx_dest *dest;

	if (!dests)
		return false;
	__builtin_memcpy(key.addr, p->addr, sizeof(key.addr));
	dest = bpf_map_lookup_elem(dests, &key);
	if (!dest) {
		/* another processor may be first, and then its entry is the one */
		bpf_map_update_elem(dests, &key, &none, BPF_NOEXIST);
		dest = bpf_map_lookup_elem(dests, &key);
		if (!dest)
			return false;
	}
	count(&dest->passed[way == SBX_WAY_OUT ? SBX_WAY_OUT : SBX_WAY_IN], packets, bytes);
	return true;
}

int sbx_meter(struct __sk_buff *skb, __u64 job, __u32 way)
{
	struct sbx_meter *meter = bpf_map_lookup_elem(&sbx_meters, &job);
	__u64 packets = skb->gso_segs > 1 ? skb->gso_segs : 1, bytes = skb->len;
	struct sbx_packet p = {};

	if (!meter || meter->id != job) /* not ours, or ended */
		return 1;
	way = way == SBX_WAY_OUT ? SBX_WAY_OUT : SBX_WAY_IN;
	sbx_packet_read(skb, &p, way == SBX_WAY_OUT); /* what cannot be read has no ports */
	bytes += (packets - 1) * p.data;
	if (skb->ifindex == LOOPBACK_IFINDEX) {
		count(&meter->loopback[way], packets, bytes);
		return 1;
	}
	if (!charge(meter, way, bytes)) {
		count(&meter->dropped[way], packets, bytes);
		return 0;
	}
	count(&meter->passed[way], packets, bytes);
	if (!count_dest(job, &p, way, packets, bytes))
		count(&meter->other[way], packets, bytes);
	return 1;
}

/* What is left of the limit, 0 to 1 << LEVEL_BITS. */
static __always_inline __u64 level_of(const struct sbx_meter *meter)
{
	__u64 now = bpf_ktime_get_ns(), due = *(volatile __u64 *)&meter->due[SBX_WAY_OUT], left;

	left = due < now ? now - due : 0;
	if (left > SBX_BURST_NS)
		left = SBX_BURST_NS;
	return (left << LEVEL_BITS) / SBX_BURST_NS;
}

/* The meter of the socket's job, if what it sends is limited, else NULL. */
static __always_inline struct sbx_meter *limit_of(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct sock *sock = sk ? (struct sock *)bpf_skc_to_tcp_sock(sk) : 0;
	struct sbx_meter *meter;
	__u64 job;

	if (!sock)
		return 0;
	job = sbx_cgroup_job(sbx_cgroup_id(BPF_CORE_READ(sock, sk_cgrp_data.cgroup)));
	meter = job ? bpf_map_lookup_elem(&sbx_meters, &job) : 0;
	return meter && meter->rate[SBX_WAY_OUT] ? meter : 0;
}

static __always_inline void pace(struct bpf_sock_ops *ctx)
{
	struct sbx_meter *meter = limit_of(ctx);
	__u64 rate, level, pacing, least;
	int value;

	if (!meter)
		return;
	bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_RTT_CB_FLAG);
	rate = meter->rate[SBX_WAY_OUT];
	level = level_of(meter);
	/*
	 * Squared, so that many connections, too, settle well above nothing left; twice, so that
	 * one alone, whose round trip is measured just after it sent, gets all.
	 */
	pacing = 2 * rate * level * level >> (2 * LEVEL_BITS);
	least = rate / PACING_PARTS > PACING_MIN ? rate / PACING_PARTS : PACING_MIN;
	if (least > rate)
		least = rate;
	if (pacing < least)
		pacing = least;
	if (pacing > PACING_MAX)
		pacing = PACING_MAX;
	value = (int)(__u32)pacing;
	bpf_setsockopt(ctx, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof(value));
}

/* When a connection is made, and with each measured round trip. */
SEC("sockops")
int sbx_pace(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_RTT_CB:
		pace(ctx);
	}
	return 1;
}

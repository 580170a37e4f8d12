/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a hook asks.  It names the operation and the object, and gets what it must return.
 * Only decide.bpf.c knows enforce, audit, log, kill and quarantine.
 */
#ifndef SBX_DECIDE_BPF_H
#define SBX_DECIDE_BPF_H

#include "subject.bpf.h"

/*
 * The one place where a refusal is made: counts it, records it, applies the guard's action and
 * the job's mode.  Returns 0 (let it pass), or the errno, with SBX_CODE_KILL where the task shall
 * die.  Two roads to the same: sbx_refuse_path shows the path that was climbed into `t`, and
 * needs task storage, which cgroup programs may not have before Linux 6.2; sbx_refuse shows
 * what `ask` holds, and takes a NULL `t`.
 */
#define SBX_CODE_KILL 0x10000
int sbx_refuse(struct sbx_task *t, struct sbx_ask *ask);
int sbx_refuse_path(struct sbx_task *t, struct sbx_ask *ask);
/* The same as sbx_refuse without a task, showing the DNS name that the address is about. */
int sbx_refuse_name(struct sbx_ask *ask, const struct sbx_dns_name *name);

/*
 * Decides the path that was climbed into `t`: 0, or as sbx_refuse.  `flags`: enum sbx_event_flag,
 * and SBX_HOLD where it shows only later whether this is a refusal.
 * On return t->walk holds what was found: a caller may compare two objects.
 */
#define SBX_HOLD 0x10000
int sbx_decide_path(struct sbx_task *t, __u32 op, __u32 wanted, __u32 flags);

/*
 * Decides an address in `ask` (job, op, error, address are set): 0, or as sbx_refuse.  A UDP
 * socket may be connected, which sends nothing, wherever TCP to that port or ICMP may go: libc and
 * ping find out their own address so.  Then ask->probe is 1, and what it sends is judged.
 */
int sbx_decide_address(struct sbx_task *t, struct sbx_ask *ask, __u32 dir);

/* 0, or as sbx_refuse: may the job create such a socket? */
int sbx_decide_socket(struct sbx_task *t, struct sbx_ask *ask);

/* Walks down the trie along the climbed chain; fills t->walk. Returns 0 or an enum sbx_reason. */
int sbx_descend(struct sbx_task *t);

/* When the job was quarantined, or 0; without an entry it is taken to be. */
static __always_inline __u64 sbx_is_quarantined(__u64 id)
{
	struct sbx_job_state *state;

	if (!sbx_quarantines)
		return 0;
	state = bpf_map_lookup_elem(&sbx_job_state, &id);
	return state ? state->quarantined : 1;
}

static __always_inline __u32 sbx_proto_of(__u32 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return SBX_PROTO_TCP;
	case IPPROTO_UDP:
		return SBX_PROTO_UDP;
	case IPPROTO_UDPLITE:
		return SBX_PROTO_UDPLITE;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return SBX_PROTO_ICMP;
	default:
		return 0;
	}
}

/* The unspecified destination is the loopback address that the kernel makes of it. */
static __always_inline void sbx_ask_loopback(struct sbx_ask *ask)
{
	__u32 *words = (__u32 *)ask->address.addr;

	if (words[3] || words[0] || words[1])
		return;
	if (words[2] == bpf_htonl(0xffff))
		words[3] = bpf_htonl(0x7f000001);
	else if (!words[2])
		words[3] = bpf_htonl(1);
}

/* The range of a class that decides port and protocol, as an index; -1: none. */
static __always_inline int sbx_class_find(const struct sbx_class *class, __u32 proto, __u32 port)
{
	__u32 n = class->n;
	int i;

	for (i = 0; i < SBX_RANGES_MAX; i++) {
		const struct sbx_range *range = &class->ranges[i];

		if ((__u32)i >= n)
			return -1;
		if ((range->protos & proto) && port >= range->lo && port <= range->hi)
			return i;
	}
	return -1;
}

/*
 * A code as the constant that an LSM hook returns: the verifier wants the range proven.
 * Every errno that a refusal can carry stands here.
 */
static __always_inline int sbx_errno(int code)
{
	switch (code & 0xffff) {
	case 0:
		return 0;
	case EPERM:
		return -EPERM;
	case EXDEV:
		return -EXDEV;
	case EAFNOSUPPORT:
		return -EAFNOSUPPORT;
	case EDQUOT:
		return -EDQUOT;
	case EPROTONOSUPPORT:
		return -EPROTONOSUPPORT;
	default:
		return -EACCES;
	}
}

/* What an LSM hook returns for a code; kills where the guard says so. */
static __always_inline int sbx_verdict(int code)
{
	if (code & SBX_CODE_KILL)
		bpf_send_signal(SIGKILL);
	return sbx_errno(code);
}

/* Starts a question of a task with storage. */
static __always_inline struct sbx_ask *sbx_ask_start(struct sbx_task *t, __u32 op, __u32 guard,
						     __u32 reason, __u32 error)
{
	struct sbx_ask *ask = &t->ask;

	__builtin_memset(ask, 0, sizeof(*ask));
	ask->job = t->job;
	ask->op = op;
	ask->guard = guard;
	ask->reason = reason;
	ask->error = error;
	ask->rule = SBX_RULE_NONE;
	return ask;
}

/* A guard's question without an object. */
static __always_inline int sbx_guard(struct sbx_task *t, __u32 op, __u32 guard)
{
	return sbx_refuse(t, sbx_ask_start(t, op, guard, SBX_REASON_GUARD, EPERM));
}

/* The same about the path that was climbed into `t`. */
static __always_inline int sbx_guard_path(struct sbx_task *t, __u32 op, __u32 guard)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, guard, SBX_REASON_GUARD, EPERM);

	ask->object = SBX_OBJECT_PATH;
	return sbx_refuse_path(t, ask);
}

/* The same about a number: a device, a family, flags. */
static __always_inline int sbx_guard_number(struct sbx_task *t, __u32 op, __u32 guard, __u64 number)
{
	struct sbx_ask *ask = sbx_ask_start(t, op, guard, SBX_REASON_GUARD, EPERM);

	ask->object = SBX_OBJECT_NUMBER;
	ask->number = number;
	return sbx_refuse(t, ask);
}

#endif /* SBX_DECIDE_BPF_H */

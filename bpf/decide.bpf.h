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

/* Decides an address in `ask` (job, op, error, address are set): 0, or as sbx_refuse. */
int sbx_decide_address(struct sbx_task *t, struct sbx_ask *ask, __u32 dir);

/* 0, or as sbx_refuse: may the job create such a socket? */
int sbx_decide_socket(struct sbx_task *t, struct sbx_ask *ask);

/* Walks down the trie along the climbed chain; fills t->walk. Returns 0 or an enum sbx_reason. */
int sbx_descend(struct sbx_task *t);

static __always_inline __u32 sbx_proto_of(__u32 protocol)
{
	if (protocol == IPPROTO_TCP)
		return SBX_PROTO_TCP;
	return protocol == IPPROTO_UDP ? SBX_PROTO_UDP : 0;
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * DNS packets of jobs with DNS rules, on their way out and in; every other packet costs a test of
 * a flag, and of such jobs' hosts a look at the ports.  A query leaves when its name is allowed and
 * its server is the policy's; an answer opens addresses when this very socket asked for it.
 * A message that spans packets of TCP cannot be judged, so it does not pass.
 */
#include "dnsmsg.bpf.h"

#define ALLOW 1
#define DENY 0
#define SLOTS 64
#define CLAIM_TRIES 16
#define MESSAGES_MAX 4 /* of one packet of TCP: libc sends two questions at once */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct sbx_dns_slot);
} sbx_dns_slots SEC(".maps");

/* A slot for this packet, or NULL: more packets than slots are being judged. */
static __always_inline struct sbx_dns_slot *claim_slot(void)
{
	__u32 first = bpf_get_smp_processor_id() * 2, i;

	for (i = 0; i < CLAIM_TRIES; i++) {
		__u32 key = (first + i) & (SLOTS - 1);
		struct sbx_dns_slot *slot = bpf_map_lookup_elem(&sbx_dns_slots, &key);

		if (slot && !__sync_val_compare_and_swap(&slot->busy, 0, 1))
			return slot;
	}
	return 0;
}

static __always_inline void release_slot(struct sbx_dns_slot *slot)
{
	__sync_fetch_and_and(&slot->busy, 0);
}

static __always_inline void set_ask(struct sbx_ask *ask, __u64 job, const struct sbx_packet *p,
				    __u32 reason, bool out)
{
	__builtin_memset(ask, 0, sizeof(*ask));
	ask->job = job;
	ask->op = SBX_OP_DNS;
	ask->reason = reason;
	ask->error = EPERM;
	ask->object = SBX_OBJECT_ADDRESS;
	ask->rule = SBX_RULE_NONE;
	ask->nobody = !out || !sbx_is_running(job);
	__builtin_memcpy(ask->address.addr, p->addr, sizeof(ask->address.addr));
	ask->address.family = p->family;
	ask->address.port = out ? p->dport : p->sport;
	ask->address.protocol = p->proto;
}

/* Refuses a packet of which no message was read. */
static __always_inline int refuse_packet(__u64 job, const struct sbx_packet *p, __u32 reason,
					 bool out)
{
	struct sbx_ask ask;

	set_ask(&ask, job, p, reason, out);
	return sbx_refuse(0, &ask) ? DENY : ALLOW;
}

struct step {
	struct __sk_buff *skb;
	struct sbx_dns_slot *slot;
};

/* The packet's next message into slot->dns; false: none is left, or slot->reason says why not. */
static __always_inline bool next_message(struct step *c)
{
	struct sbx_dns_slot *slot = c->slot;
	__u32 pos = slot->pos, left = slot->left, n = left;
	__u8 head[2];
	__u64 last;

	slot->reason = 0;
	if (!left)
		return false;
	slot->asked.len = 0;
	if (slot->packet.proto == IPPROTO_TCP) {
		slot->reason = SBX_REASON_DNS_TCP;
		if (left < 2 || bpf_skb_load_bytes(c->skb, pos, head, sizeof(head)))
			return false;
		n = head[0] << 8 | head[1];
		pos += 2;
		left -= 2;
		if (n > left)
			return false;
	}
	slot->reason = SBX_REASON_DNS;
	slot->pos = pos + n;
	slot->left = left - n;
	slot->dns.len = n;
	last = (__u64)n - 1;
	asm volatile("" : "+r"(last)); /* Linux 6.1 sees 1 to so many bytes in this form alone */
	if (last >= SBX_DNS_MESSAGE_MAX ||
	    bpf_skb_load_bytes(c->skb, pos, slot->dns.data, last + 1))
		return false;
	slot->reason = 0;
	return true;
}

static long out_step(__u32 i, struct step *c)
{
	if (!next_message(c))
		return 1;
	c->slot->reason = judge_query(c->slot);
	return c->slot->reason != 0;
}

static long in_step(__u32 i, struct step *c)
{
	if (!next_message(c))
		return 1;
	c->slot->reason = judge_answer(c->slot);
	return c->slot->reason != 0;
}

static __always_inline void fill_slot(struct sbx_dns_slot *slot, struct __sk_buff *skb,
				      const struct sbx_packet *p, const struct sbx_job *job)
{
	slot->quiet = 0;
	slot->reason = 0;
	slot->full = 0;
	slot->closed = 0;
	slot->job = job->id;
	slot->policy = job->policy;
	slot->min_ttl = job->dns_min_ttl;
	slot->max_ttl = job->dns_max_ttl;
	slot->now = bpf_ktime_get_boot_ns();
	slot->packet = *p;
	slot->pos = p->data;
	slot->left = p->size;
	slot->key.cookie = bpf_get_socket_cookie(skb);
	__builtin_memcpy(slot->key.resolver, p->addr, sizeof(slot->key.resolver));
}

/* TCP sends again what was refused: one event is enough. */
static __always_inline void hush_repeats(struct sbx_dns_slot *slot, bool out)
{
	__u64 job = slot->job;
	void *map = bpf_map_lookup_elem(&sbx_pendings, &job);
	struct sbx_pending *before;

	if (slot->packet.proto != IPPROTO_TCP || !map)
		return;
	slot->key.id = out;
	slot->key.proto = SBX_PENDING_REFUSED | IPPROTO_TCP;
	before = bpf_map_lookup_elem(map, &slot->key);
	if (before && before->seq == slot->packet.seq)
		slot->quiet = 1;
	slot->pending.time = slot->now;
	slot->pending.answered = 0;
	slot->pending.seq = slot->packet.seq;
	put_pending(slot); /* without room it is told again */
}

static __always_inline void count_expansion(__u64 job)
{
	struct sbx_job_state *state = bpf_map_lookup_elem(&sbx_job_state, &job);

	if (state)
		__sync_fetch_and_add(&state->expansions, 1);
}

static __always_inline int refuse_message(struct sbx_dns_slot *slot, __u32 reason, bool out)
{
	if (out && slot->quiet)
		count_expansion(slot->job);
	hush_repeats(slot, out);
	set_ask(&slot->ask, slot->job, &slot->packet, reason, out);
	slot->ask.quiet = slot->quiet;
	slot->ask.wanted = slot->asked.len ? slot->dns.type : 0;
	return sbx_refuse_name(&slot->ask, &slot->asked) ? DENY : ALLOW;
}

/* What an answer could not open is told; the answer itself comes in. */
static __always_inline void tell_closed(struct sbx_dns_slot *slot)
{
	if (slot->closed) {
		set_ask(&slot->ask, slot->job, &slot->packet, SBX_REASON_REBIND, false);
		slot->ask.error = 0;
		__builtin_memcpy(slot->ask.address.addr, slot->closed_addr, 16);
		slot->ask.address.port = 0;
		sbx_refuse_name(&slot->ask, &slot->asked);
	}
	if (slot->full) {
		set_ask(&slot->ask, slot->job, &slot->packet, SBX_REASON_DNS_FULL, false);
		slot->ask.error = 0;
		sbx_refuse_name(&slot->ask, &slot->asked);
	}
}

/* The job that the packet's socket belongs to, if it has DNS rules; else NULL. */
static __always_inline struct sbx_job *dns_job(struct __sk_buff *skb)
{
	__u64 id = sbx_cgroup_job(bpf_skb_cgroup_id(skb));
	struct sbx_job *job = id ? sbx_job_get(id) : 0;

	return job && job->id == id && job->dns ? job : 0;
}

/* UDP may be handed down in one piece and cut into several datagrams later: not judged. */
static __always_inline bool is_one_message(struct __sk_buff *skb, const struct sbx_packet *p)
{
	return p->proto == IPPROTO_TCP || !skb->gso_size;
}

int sbx_dns_out(struct __sk_buff *skb)
{
	struct sbx_packet p = {};
	struct sbx_dns_slot *slot;
	struct sbx_job *job;
	struct step c = { .skb = skb };
	bool readable;
	int verdict = ALLOW;

	if (!is_anybody_asking())
		return ALLOW;
	readable = sbx_packet_read(skb, &p, true);
	if (readable && p.dport != SBX_DNS_PORT && p.sport != SBX_DNS_PORT)
		return ALLOW;
	job = dns_job(skb);
	if (!job)
		return ALLOW;
	if (!readable)
		return refuse_packet(job->id, &p, SBX_REASON_DNS, true);
	if (p.dport != SBX_DNS_PORT) /* from port 53: the job poses as a DNS server */
		return job->dns & SBX_DNS_NAMES
			       ? refuse_packet(job->id, &p, SBX_REASON_RESOLVER, true)
			       : ALLOW;
	if (!sbx_is_resolver(job, p.addr))
		return refuse_packet(job->id, &p, SBX_REASON_RESOLVER, true);
	if (!(job->dns & SBX_DNS_NAMES) || (p.proto == IPPROTO_TCP && !p.size))
		return ALLOW;
	if (!is_one_message(skb, &p))
		return refuse_packet(job->id, &p, SBX_REASON_DNS, true);
	slot = claim_slot();
	if (!slot)
		return refuse_packet(job->id, &p, SBX_REASON_DNS_FULL, true);
	fill_slot(slot, skb, &p, job);
	c.slot = slot;
	bpf_loop(MESSAGES_MAX, out_step, &c, 0);
	if (!slot->reason && (slot->left || !p.size))
		slot->reason = SBX_REASON_DNS;
	if (slot->reason)
		verdict = refuse_message(slot, slot->reason, true);
	release_slot(slot);
	return verdict ? ALLOW : DENY;
}

int sbx_dns_in(struct __sk_buff *skb)
{
	struct sbx_packet p = {};
	struct sbx_dns_slot *slot;
	struct sbx_job *job;
	struct step c = { .skb = skb };
	int verdict = ALLOW;

	if (!is_anybody_asking() || !sbx_packet_read(skb, &p, false) || p.sport != SBX_DNS_PORT)
		return ALLOW;
	job = dns_job(skb);
	if (!job || !(job->dns & SBX_DNS_NAMES) || !sbx_is_resolver(job, p.addr) || !p.size)
		return ALLOW;
	if (!is_one_message(skb, &p))
		return refuse_packet(job->id, &p, SBX_REASON_DNS, false);
	slot = claim_slot();
	if (!slot)
		return refuse_packet(job->id, &p, SBX_REASON_DNS_FULL, false);
	fill_slot(slot, skb, &p, job);
	c.slot = slot;
	bpf_loop(MESSAGES_MAX, in_step, &c, 0);
	if (!slot->reason && slot->left)
		slot->reason = SBX_REASON_DNS;
	tell_closed(slot);
	if (slot->reason)
		verdict = refuse_message(slot, slot->reason, false);
	release_slot(slot);
	return verdict ? ALLOW : DENY;
}

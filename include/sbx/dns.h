/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads one DNS message (RFC 1035): the question of a query, the addresses of an answer.  Pure, and
 * compiled for both worlds, so that what the kernel runs is what the host tests and fuzzes.
 *
 * All that a loop branches on lives in struct sbx_dns, which is a map's value in the kernel: Linux
 * 6.1 drops branches of a bpf_loop callback that its first state on the stack does not take.  Each
 * loop is bounded, each offset is checked against the message's length and masked besides.
 */
#ifndef SBX_DNS_H
#define SBX_DNS_H

#ifdef __bpf__
#include "core.bpf.h"
#define SBX_DNS_FN static __always_inline
#define SBX_DNS_LOOP(n, fn, c) bpf_loop(n, fn, c, 0)
#else
#include <linux/types.h>
#include <stdbool.h>
#include <string.h>
#define SBX_DNS_FN static inline
#define SBX_DNS_LOOP(n, fn, c)                              \
	do {                                                \
		for (__u32 i_ = 0; i_ < (n) && !fn(i_, c);) \
			i_++;                               \
	} while (0)
#endif

#define SBX_DNS_PORT 53
#define SBX_DNS_MESSAGE_MAX 4096 /* what EDNS clients offer at most; a power of two: a mask */
#define SBX_DNS_HEAD 12
#define SBX_DNS_NAME_MAX 255	/* bytes of a name as sent, RFC 1035 */
#define SBX_DNS_LABELS_MAX 127	/* so many fit in them */
#define SBX_DNS_NAME_STEPS 320	/* its bytes, and some jumps between them */
#define SBX_DNS_ADDRS_MAX 64	/* addresses of one answer that are taken */
#define SBX_DNS_CHAIN_MAX 16	/* CNAMEs of one answer */
#define SBX_DNS_RECORDS_MAX 128 /* records looked at: addresses, chain, signatures */

enum sbx_dns_type {
	SBX_DNS_A = 1,
	SBX_DNS_CNAME = 5,
	SBX_DNS_AAAA = 28,
	SBX_DNS_OPT = 41,
	SBX_DNS_SVCB = 64,
	SBX_DNS_HTTPS = 65,
};

enum sbx_dns_fault {
	SBX_DNS_OK = 0,
	SBX_DNS_BAD,  /* malformed, or more than the one plain question that is understood */
	SBX_DNS_KIND, /* well-formed, but of a type that a job does not need: TXT, ANY, ... */
};

/* A name as sent, in lower case: each label behind its length, then 0.  The rest is zero. */
struct sbx_dns_name {
	__u32 len;    /* bytes, the final 0 included; 0: none */
	__u32 labels; /* how many, without the root */
	__u8 wire[SBX_DNS_NAME_MAX + 1];
};

struct sbx_dns {
	__u32 len; /* of the message in `data`; set by the caller */
	/* the name that is being read */
	__u32 at;   /* next byte */
	__u32 low;  /* a pointer must lead before this: backwards each time, so it ends */
	__u32 end;  /* behind the name where it stands; 0: not known yet */
	__u32 rest; /* of the label */
	__u32 done; /* 1: read whole */
	/* the answer's records */
	__u32 pos;     /* of the next record */
	__u32 bad;     /* 1: malformed */
	__u32 want_at; /* where the wanted name stands in the message */
	__u32 chain;   /* CNAMEs followed */
	/* what was found */
	__u32 id;
	__u32 type;	 /* asked for: enum sbx_dns_type */
	__u32 rcode;	 /* of an answer */
	__u32 truncated; /* 1: an answer's TC bit: ask again by TCP */
	__u32 ttl;	 /* seconds: the least of all records on the way */
	__u32 n_addrs;
	__u32 more;			     /* 1: there were more than are taken */
	__u8 labels[SBX_DNS_LABELS_MAX + 1]; /* where each label's length stands in name.wire */
	struct sbx_dns_name name;	     /* last read: the question's */
	struct sbx_dns_name want; /* whose addresses are taken: the question's, or a CNAME's */
	__u8 addrs[SBX_DNS_ADDRS_MAX][16];   /* IPv4 is v4-mapped */
	__u8 data[SBX_DNS_MESSAGE_MAX + 16]; /* the spare bytes let a masked offset be read from */
};

/* What a loop's callback gets: nothing but the way to the state. */
struct sbx_dns_ctx {
	struct sbx_dns *m;
};

SBX_DNS_FN __u32 sbx_dns_u8(const struct sbx_dns *m, __u32 off)
{
	return m->data[off & (SBX_DNS_MESSAGE_MAX - 1)];
}

SBX_DNS_FN __u32 sbx_dns_u16(const struct sbx_dns *m, __u32 off)
{
	return sbx_dns_u8(m, off) << 8 | sbx_dns_u8(m, off + 1);
}

SBX_DNS_FN bool sbx_dns_same(const struct sbx_dns_name *a, const struct sbx_dns_name *b)
{
	__u64 diff = a->len ^ b->len;
	int i;

	for (i = 0; i < SBX_DNS_NAME_MAX + 1; i += 8) {
		__u64 x, y;

		__builtin_memcpy(&x, &a->wire[i], sizeof(x));
		__builtin_memcpy(&y, &b->wire[i], sizeof(y));
		diff |= x ^ y;
	}
	return !diff;
}

/* One byte of a name, or one pointer. */
static long sbx_dns_name_step(__u32 i, struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	__u32 at = m->at, n = m->name.len, byte, labels;

	(void)i;
	if (at >= m->len || at >= SBX_DNS_MESSAGE_MAX || n >= SBX_DNS_NAME_MAX)
		return 1;
	byte = sbx_dns_u8(m, at);
	if (m->rest) {
		m->rest--;
		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
	} else if ((byte & 0xc0) == 0xc0) {
		byte = sbx_dns_u16(m, at) & 0x3fff;
		if (at + 2 > m->len || byte >= m->low)
			return 1;
		if (!m->end)
			m->end = at + 2;
		m->low = byte;
		m->at = byte;
		return 0;
	} else if (byte & 0xc0) {
		return 1;
	} else if (byte) {
		labels = m->name.labels;
		m->labels[labels & SBX_DNS_LABELS_MAX] = (__u8)n;
		m->name.labels = labels + 1;
		m->rest = byte;
	} else {
		m->done = 1;
		if (!m->end)
			m->end = at + 1;
	}
	m->name.wire[n & SBX_DNS_NAME_MAX] = (__u8)byte;
	m->name.len = n + 1;
	m->at = at + 1;
	return m->done ? 1 : 0; /* a range that the verifier sees */
}

/* Reads the name at `at` into m->name; `pointers`: it may be compressed. m->end: behind it. */
SBX_DNS_FN bool sbx_dns_read_name(struct sbx_dns_ctx *c, __u32 at, bool pointers)
{
	struct sbx_dns *m = c->m;

	__builtin_memset(&m->name, 0, sizeof(m->name));
	m->at = at;
	m->low = pointers ? at : 0;
	m->end = 0;
	m->rest = 0;
	m->done = 0;
	SBX_DNS_LOOP(SBX_DNS_NAME_STEPS, sbx_dns_name_step, c);
	return m->done == 1;
}

/* The one question: its name and type; m->end behind it. Class IN only. */
SBX_DNS_FN __u32 sbx_dns_read_question(struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	__u32 end;

	m->id = sbx_dns_u16(m, 0);
	if (sbx_dns_u16(m, 4) != 1 || !sbx_dns_read_name(c, SBX_DNS_HEAD, false))
		return SBX_DNS_BAD;
	end = m->end;
	if (end + 4 > m->len)
		return SBX_DNS_BAD;
	m->type = sbx_dns_u16(m, end);
	if (sbx_dns_u16(m, end + 2) != 1)
		return SBX_DNS_KIND;
	m->end = end + 4;
	return SBX_DNS_OK;
}

SBX_DNS_FN bool sbx_dns_is_wanted_type(__u32 type)
{
	return type == SBX_DNS_A || type == SBX_DNS_AAAA || type == SBX_DNS_CNAME ||
	       type == SBX_DNS_SVCB || type == SBX_DNS_HTTPS;
}

/*
 * A query: one question, nothing behind it but EDNS (RFC 6891), to the last byte: whatever else a
 * message carried would leave the job unjudged.  Fills id, type and name.
 */
SBX_DNS_FN __u32 sbx_dns_query(struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	__u32 fault, end, extra;

	if (m->len < SBX_DNS_HEAD || m->len > SBX_DNS_MESSAGE_MAX)
		return SBX_DNS_BAD;
	/* only RD, AD and CD may be set: no answer, no other opcode, no reserved bit */
	if ((sbx_dns_u8(m, 2) & ~1u) || (sbx_dns_u8(m, 3) & ~0x30u))
		return SBX_DNS_BAD;
	extra = sbx_dns_u16(m, 10);
	if (sbx_dns_u16(m, 6) || sbx_dns_u16(m, 8) || extra > 1)
		return SBX_DNS_BAD;
	fault = sbx_dns_read_question(c);
	if (fault)
		return fault;
	end = m->end;
	if (extra) {
		/* root, OPT, size, flags, length */
		if (end + 11 > m->len || sbx_dns_u8(m, end) ||
		    sbx_dns_u16(m, end + 1) != SBX_DNS_OPT)
			return SBX_DNS_BAD;
		end += 11 + sbx_dns_u16(m, end + 9);
	}
	if (end != m->len)
		return SBX_DNS_BAD;
	return sbx_dns_is_wanted_type(m->type) ? SBX_DNS_OK : SBX_DNS_KIND;
}

/* The head and the question of an answer: fills id, type, name, rcode and truncated. */
SBX_DNS_FN __u32 sbx_dns_answer(struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;

	if (m->len < SBX_DNS_HEAD || m->len > SBX_DNS_MESSAGE_MAX)
		return SBX_DNS_BAD;
	if ((sbx_dns_u8(m, 2) & 0xf8) != 0x80) /* QR, opcode QUERY */
		return SBX_DNS_BAD;
	m->truncated = (sbx_dns_u8(m, 2) & 2) != 0;
	m->rcode = sbx_dns_u8(m, 3) & 15;
	return sbx_dns_read_question(c);
}

/* Does the record at m->pos belong to the wanted name?  m->end: behind its name; 0: malformed. */
SBX_DNS_FN bool sbx_dns_owner(struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	__u32 pos = m->pos;

	/* nearly every answer points at the very place */
	if (pos + 2 <= m->len && sbx_dns_u16(m, pos) == (0xc000 | m->want_at)) {
		m->end = pos + 2;
		return true;
	}
	if (!sbx_dns_read_name(c, pos, true)) {
		m->end = 0;
		return false;
	}
	return sbx_dns_same(&m->name, &m->want);
}

SBX_DNS_FN void sbx_dns_take_address(struct sbx_dns *m, __u32 at)
{
	__u32 n = m->n_addrs;
	__u8 *addr = m->addrs[n & (SBX_DNS_ADDRS_MAX - 1)];
	const __u8 *from = &m->data[at & (SBX_DNS_MESSAGE_MAX - 1)];

	if (n >= SBX_DNS_ADDRS_MAX) {
		m->more = 1;
		return;
	}
	if (m->type == SBX_DNS_AAAA) {
		__builtin_memcpy(addr, from, 16);
	} else {
		__builtin_memset(addr, 0, 10);
		addr[10] = 0xff;
		addr[11] = 0xff;
		__builtin_memcpy(addr + 12, from, 4);
	}
	m->n_addrs = n + 1;
}

/* Takes what a record of the wanted name says; false: malformed. */
SBX_DNS_FN bool sbx_dns_take(struct sbx_dns_ctx *c, __u32 type, __u32 at, __u32 size)
{
	struct sbx_dns *m = c->m;

	if (type == m->type && (type == SBX_DNS_A || type == SBX_DNS_AAAA)) {
		if (size != (type == SBX_DNS_A ? 4 : 16))
			return false;
		sbx_dns_take_address(m, at);
		return true;
	}
	if (type != SBX_DNS_CNAME || m->type == SBX_DNS_CNAME)
		return true;
	if (m->chain >= SBX_DNS_CHAIN_MAX || !sbx_dns_read_name(c, at, true) || m->end != at + size)
		return false;
	m->chain++;
	m->want = m->name;
	m->want_at = at;
	return true;
}

/* One record of the answer section. */
static long sbx_dns_record_step(__u32 i, struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	bool wanted = sbx_dns_owner(c);
	__u32 end = m->end, type, ttl, next;

	(void)i;
	m->bad = 1;
	if (!end || end + 10 > m->len || end + 10 > SBX_DNS_MESSAGE_MAX)
		return 1;
	type = sbx_dns_u16(m, end);
	ttl = sbx_dns_u16(m, end + 4) << 16 | sbx_dns_u16(m, end + 6);
	next = end + 10 + sbx_dns_u16(m, end + 8);
	if (next > m->len)
		return 1;
	if (wanted && sbx_dns_u16(m, end + 2) == 1) {
		if (!sbx_dns_take(c, type, end + 10, next - end - 10))
			return 1;
		if (ttl & 0x80000000u) /* RFC 2181: as if it were 0 */
			ttl = 0;
		if (ttl < m->ttl)
			m->ttl = ttl;
	}
	m->bad = 0;
	m->pos = next;
	return 0;
}

/*
 * The addresses of an answer whose question sbx_dns_answer has just read, along its CNAMEs, which
 * must stand in order, as every resolver sends them.  Only records of the type asked for count,
 * only those of the name asked for or that it leads to; all other sections are ignored.
 * Nothing may be used of a malformed answer: SBX_DNS_BAD.
 */
SBX_DNS_FN __u32 sbx_dns_answers(struct sbx_dns_ctx *c)
{
	struct sbx_dns *m = c->m;
	__u32 n = sbx_dns_u16(m, 6);

	m->want = m->name;
	m->want_at = SBX_DNS_HEAD;
	m->pos = m->end;
	m->bad = 0;
	m->chain = 0;
	m->n_addrs = 0;
	m->more = 0;
	m->ttl = 0x7fffffff;
	if (n > SBX_DNS_RECORDS_MAX) {
		n = SBX_DNS_RECORDS_MAX;
		m->more = 1;
	}
	SBX_DNS_LOOP(n, sbx_dns_record_step, c);
	return m->bad ? SBX_DNS_BAD : SBX_DNS_OK;
}

#endif /* SBX_DNS_H */

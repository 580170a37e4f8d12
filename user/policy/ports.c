// SPDX-License-Identifier: GPL-2.0-only
/* Port maps; see ports.h. */
#include "policy/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

#ifndef IPPROTO_MPTCP /* glibc before 2.33 */
#define IPPROTO_MPTCP 262
#endif

#define PORT_MAX 65535

static const struct {
	const char *word;
	unsigned int protocol;
	__u8 proto;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, SBX_PROTO_TCP },	  { "tcp", IPPROTO_MPTCP, SBX_PROTO_TCP },
	{ "udp", IPPROTO_UDP, SBX_PROTO_UDP },	  { "udplite", IPPROTO_UDPLITE, SBX_PROTO_UDPLITE },
	{ "icmp", IPPROTO_ICMP, SBX_PROTO_ICMP }, { "icmp", IPPROTO_ICMPV6, SBX_PROTO_ICMP },
};

__u8 sbx_proto_of(unsigned int protocol)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(protocols); i++) {
		if (protocols[i].protocol == protocol)
			return protocols[i].proto;
	}
	return 0;
}

const char *sbx_protos_format(__u8 protos, char *buf)
{
	size_t len = 0;

	*buf = '\0';
	if (protos == SBX_PROTO_ALL)
		return "any";
	for (size_t i = 0; i < SBX_ARRAY_SIZE(protocols); i++) {
		if (!(protos & protocols[i].proto))
			continue;
		len += (size_t)snprintf(buf + len, SBX_PROTOS_TEXT - len, "%s%s", len ? "+" : "",
					protocols[i].word);
		protos &= (__u8)~protocols[i].proto;
	}
	return buf;
}

void sbx_ports_init(struct sbx_ports *ports, bool allow)
{
	ports->n = 1;
	ports->segments[0] = (struct sbx_segment){ 0, PORT_MAX, { { 0 } } };
	for (unsigned int proto = 0; proto < SBX_PROTOS; proto++)
		ports->segments[0].says[proto] = (struct sbx_port_says){
			.allow = allow && (SBX_PROTO_ANY >> proto & 1),
			.rule = SBX_RULE_NONE,
		};
}

static bool same_says(const struct sbx_port_says *a, const struct sbx_port_says *b)
{
	return a->allow == b->allow && a->own == b->own && a->rule == b->rule;
}

static bool same_segment(const struct sbx_segment *a, const struct sbx_segment *b)
{
	for (unsigned int proto = 0; proto < SBX_PROTOS; proto++) {
		if (!same_says(&a->says[proto], &b->says[proto]))
			return false;
	}
	return true;
}

/* Joins neighbours that say the same. */
static void join(struct sbx_ports *ports)
{
	size_t n = 1;

	for (size_t i = 1; i < ports->n; i++) {
		if (same_segment(&ports->segments[n - 1], &ports->segments[i]))
			ports->segments[n - 1].hi = ports->segments[i].hi;
		else
			ports->segments[n++] = ports->segments[i];
	}
	ports->n = n;
}

void sbx_ports_inherit(struct sbx_ports *ports, const struct sbx_ports *from)
{
	ports->n = from->n;
	memcpy(ports->segments, from->segments, from->n * sizeof(from->segments[0]));
	for (size_t i = 0; i < ports->n; i++) {
		for (unsigned int proto = 0; proto < SBX_PROTOS; proto++)
			ports->segments[i].says[proto].own = false;
	}
	join(ports);
}

/* Makes a segment start at `port`. */
static int split(struct sbx_ports *ports, unsigned int port)
{
	size_t i = 0;

	while (i < ports->n && ports->segments[i].hi < port)
		i++;
	if (i == ports->n || ports->segments[i].lo == port)
		return 0;
	if (ports->n == SBX_SEGMENTS_MAX)
		return -E2BIG;
	memmove(&ports->segments[i + 1], &ports->segments[i],
		(ports->n - i) * sizeof(ports->segments[0]));
	ports->n++;
	ports->segments[i].hi = (__u16)(port - 1);
	ports->segments[i + 1].lo = (__u16)port;
	return 0;
}

int sbx_ports_overlay(struct sbx_ports *ports, const struct sbx_port_range *range, __u8 protos,
		      bool allow, __u32 rule)
{
	if (split(ports, range->lo) || split(ports, range->hi + 1u))
		return -E2BIG;
	for (size_t i = 0; i < ports->n; i++) {
		struct sbx_segment *segment = &ports->segments[i];

		if (segment->lo < range->lo || segment->hi > range->hi)
			continue;
		for (unsigned int proto = 0; proto < SBX_PROTOS; proto++) {
			if ((protos & (1u << proto)) && !segment->says[proto].own)
				segment->says[proto] = (struct sbx_port_says){ allow, true, rule };
		}
	}
	join(ports);
	return 0;
}

/* Adds one range; a denial by no rule needs none. Neighbours that say the same become one. */
static int emit(struct sbx_class *class, const struct sbx_segment *segment,
		const struct sbx_port_says *says, __u8 protos)
{
	struct sbx_range *last = class->n ? &class->ranges[class->n - 1] : NULL;

	if (!says->allow && says->rule == SBX_RULE_NONE)
		return 0;
	if (last && last->hi + 1 == segment->lo && last->protos == protos &&
	    last->allow == says->allow && last->rule == says->rule) {
		last->hi = segment->hi;
		return 0;
	}
	if (class->n == SBX_RANGES_MAX)
		return -E2BIG;
	class->ranges[class->n++] = (struct sbx_range){
		.lo = segment->lo,
		.hi = segment->hi,
		.protos = protos,
		.allow = says->allow,
		.rule = says->rule,
	};
	return 0;
}

/* The protocols of which a segment says what it says of this one. */
static __u8 agreeing(const struct sbx_segment *segment, unsigned int proto)
{
	const struct sbx_port_says *says = segment->says;
	__u8 protos = 0;

	for (unsigned int i = 0; i < SBX_PROTOS; i++) {
		if (says[i].allow == says[proto].allow && says[i].rule == says[proto].rule)
			protos |= (__u8)(1u << i);
	}
	return protos;
}

int sbx_ports_emit(const struct sbx_ports *ports, struct sbx_class *ret_class)
{
	struct sbx_class class = { 0 };
	int r = 0;

	for (size_t i = 0; i < ports->n && !r; i++) {
		const struct sbx_segment *segment = &ports->segments[i];
		__u8 left = SBX_PROTO_ALL;

		for (unsigned int proto = 0; proto < SBX_PROTOS && !r; proto++) {
			__u8 same = agreeing(segment, proto) & left;

			if (same)
				r = emit(&class, segment, &segment->says[proto], same);
			left &= (__u8)~same;
		}
	}
	if (!r)
		*ret_class = class;
	return r;
}

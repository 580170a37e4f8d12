// SPDX-License-Identifier: GPL-2.0-only
/* Port maps; see ports.h. */
#include "policy/ports.h"

#include <errno.h>
#include <string.h>

#define PORT_MAX 65535

void sbx_ports_init(struct sbx_ports *ports, bool allow)
{
	struct sbx_port_says says = { .allow = allow, .rule = SBX_RULE_NONE };

	ports->n = 1;
	ports->segments[0] = (struct sbx_segment){ 0, PORT_MAX, { says, says } };
}

static bool same_says(const struct sbx_port_says *a, const struct sbx_port_says *b)
{
	return a->allow == b->allow && a->own == b->own && a->rule == b->rule;
}

static bool same_segment(const struct sbx_segment *a, const struct sbx_segment *b)
{
	return same_says(&a->says[0], &b->says[0]) && same_says(&a->says[1], &b->says[1]);
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
		ports->segments[i].says[0].own = false;
		ports->segments[i].says[1].own = false;
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
		      bool allow, __u16 rule)
{
	if (split(ports, range->lo) || split(ports, range->hi + 1u))
		return -E2BIG;
	for (size_t i = 0; i < ports->n; i++) {
		struct sbx_segment *segment = &ports->segments[i];

		if (segment->lo < range->lo || segment->hi > range->hi)
			continue;
		for (unsigned int proto = 0; proto < 2; proto++) {
			if ((protos & (1u << proto)) && !segment->says[proto].own)
				segment->says[proto] = (struct sbx_port_says){ allow, true, rule };
		}
	}
	join(ports);
	return 0;
}

/* Adds one range; a denial by no rule needs none. Neighbours that say the same become one. */
static int emit(struct sbx_class *class, const struct sbx_segment *segment, __u8 protos)
{
	const struct sbx_port_says *says = &segment->says[protos == SBX_PROTO_UDP];
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

int sbx_ports_emit(const struct sbx_ports *ports, struct sbx_class *ret_class)
{
	struct sbx_class class = { 0 };
	int r = 0;

	for (size_t i = 0; i < ports->n && !r; i++) {
		const struct sbx_segment *segment = &ports->segments[i];
		const struct sbx_port_says *says = segment->says;

		if (says[0].allow == says[1].allow && says[0].rule == says[1].rule) {
			r = emit(&class, segment, SBX_PROTO_ANY);
			continue;
		}
		r = emit(&class, segment, SBX_PROTO_TCP);
		if (!r)
			r = emit(&class, segment, SBX_PROTO_UDP);
	}
	if (!r)
		*ret_class = class;
	return r;
}

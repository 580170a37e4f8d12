/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What holds for every port of one address prefix: sorted, disjoint segments.  A map starts from
 * the less specific prefix's and is overlaid with the prefix's own rules.
 */
#ifndef SBX_PORTS_H
#define SBX_PORTS_H

#include "policy/policy.h"

/* Twice what can fit a class in the end: rules that come later may join what earlier ones split. */
#define SBX_SEGMENTS_MAX 256

/* Of one protocol. */
struct sbx_port_says {
	bool allow;
	bool own; /* said at this very prefix */
	__u32 rule;
};

struct sbx_segment {
	__u16 lo;
	__u16 hi;
	struct sbx_port_says says[SBX_PROTOS]; /* by bit of enum sbx_proto */
};

struct sbx_ports {
	struct sbx_segment segments[SBX_SEGMENTS_MAX];
	size_t n;
};

/* All ports of TCP and UDP: `allow`, decided by no rule.  Other protocols are closed. */
void sbx_ports_init(struct sbx_ports *ports, bool allow);
/* Forgets what was said at the very prefix, before the next one's rules. */
void sbx_ports_inherit(struct sbx_ports *ports, const struct sbx_ports *from);
/* Says `allow` where this prefix has said nothing yet.  0, or -E2BIG: too many segments. */
int sbx_ports_overlay(struct sbx_ports *ports, const struct sbx_port_range *range, __u8 protos,
		      bool allow, __u32 rule);
/* The bit of enum sbx_proto of an IPPROTO_*, or 0. */
__u8 sbx_proto_of(unsigned int protocol);
/* "tcp+udp" of bits of enum sbx_proto, "any" for all of them; a buffer of SBX_PROTOS_TEXT. */
#define SBX_PROTOS_TEXT 32
const char *sbx_protos_format(__u8 protos, char *buf);
/* The kernel's form.  0, or -E2BIG when there are more than SBX_RANGES_MAX ranges. */
int sbx_ports_emit(const struct sbx_ports *ports, struct sbx_class *ret_class);

#endif /* SBX_PORTS_H */

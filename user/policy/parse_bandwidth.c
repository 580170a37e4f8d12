// SPDX-License-Identifier: GPL-2.0-only
/* `network: bandwidth:`, in bits a second each way. */
#include "policy/parse.h"
#include "policy/units.h"

#define BANDWIDTH_MIN 8000ull	      /* at less, one packet takes more than a second */
#define BANDWIDTH_MAX 400000000000ull /* the fastest that is sold: more is a slip */

static void parse_way(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		      enum sbx_way way)
{
	const struct sbx_quantity quantity = {
		what,
		"bad-rate",
		"bits a second such as 500kbit, 10Mbit or 1.5Gbit, or `max`",
		sbx_units_bandwidth,
		BANDWIDTH_MIN,
		BANDWIDTH_MAX,
	};
	__u64 bits;

	if (sbx_parse_quantity(p, node, &quantity, &bits))
		p->policy->bandwidth[way] = bits == SBX_LIMIT_NONE ? 0 : bits;
}

static void parse_egress(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* goes into the policy */
	parse_way(p, node, "`egress`", SBX_WAY_OUT);
}

static void parse_ingress(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	parse_way(p, node, "`ingress`", SBX_WAY_IN);
}

void sbx_parse_bandwidth(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "egress", parse_egress },
		{ "ingress", parse_ingress },
		{ NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`bandwidth`", target);
}

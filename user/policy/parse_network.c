// SPDX-License-Identifier: GPL-2.0-only
/* Section `network`: mode, families, rules for what goes out, and `listen`. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/units.h"

#define NET_RULES_MAX                                                               \
	200000 /* each may take a class of its own, half a kilobyte of the kernel's \
		*/
#define PORT_MAX 65535
#define TEXT_MAX 200 /* bytes of a rule's names that are repeated in messages, and the last one */
#define ROUTE_ONLY 1000	 /* no family: netlink, for questions about routes and addresses alone */
#define ABSTRACT_MAX 107 /* bytes of a name: what a socket address has room for */

/* A rule being read; `to` names the nodes whose text becomes the rule's. */
struct draft {
	struct sbx_net_rule rule;
	bool has_to;
	bool has_domains;
	struct sbx_buf text;
	size_t untold; /* names that `text` leaves out */
};

static void draft_free(struct draft *draft)
{
	sbx_net_rule_free(&draft->rule);
	sbx_buf_free(&draft->text);
}

/* A long list is not repeated in every message: the first names and how many there are besides. */
static void add_text(struct draft *draft, const char *text)
{
	if (draft->text.len >= TEXT_MAX) {
		draft->untold++;
		return;
	}
	if (draft->text.len)
		sbx_buf_puts(&draft->text, ", ");
	sbx_buf_puts(&draft->text, text);
}

static void parse_to(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`to`");
	struct draft *draft = target;

	if (!text)
		return;
	add_text(draft, text);
	sbx_parse_addresses(p, node, text, &draft->rule.to);
}

static void parse_to_list(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	((struct draft *)target)->has_to = true;
	sbx_parse_each(p, node, "`to`", parse_to, target);
}

/* "443", "8000-8999", "*" is not one. */
static int read_ports(char *text, struct sbx_port_range *ret_range)
{
	char *dash = strchr(text, '-');
	__u64 lo, hi;

	if (dash)
		*dash = '\0';
	if (sbx_units_number(text, &lo) || sbx_units_number(dash ? dash + 1 : text, &hi))
		return -EINVAL;
	if (lo > PORT_MAX || hi > PORT_MAX)
		return -ERANGE;
	if (lo > hi)
		return -EDOM;
	*ret_range = (struct sbx_port_range){ (__u16)lo, (__u16)hi };
	return 0;
}

static void parse_port(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "a port");
	struct sbx_net_rule *rule = &((struct draft *)target)->rule;
	struct sbx_port_range range;
	int r;

	if (!text)
		return;
	r = read_ports(text, &range);
	if (r)
		sbx_parse_fault(p, node, "bad-port",
				r == -EDOM ? "the range starts above its end"
					   : "a port is 0 to 65535, or a range such as 8000-8999");
	else if (sbx_array_grow(&rule->ports, rule->n_ports, sizeof(range)))
		p->error = -ENOMEM;
	else
		rule->ports[rule->n_ports++] = range;
}

static void parse_ports(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each(p, node, "`ports`", parse_port, target);
}

static void parse_protocol(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "tcp", SBX_PROTO_TCP },
		{ "udp", SBX_PROTO_UDP },
		{ "udplite", SBX_PROTO_UDPLITE },
		{ "icmp", SBX_PROTO_ICMP },
		{ NULL, 0 },
	};
	struct draft *draft = target;
	int proto;

	if (!sbx_parse_word(p, node, "a protocol", words, &proto))
		return;
	if (proto == SBX_PROTO_ICMP && draft->rule.dir == SBX_DIR_LISTEN)
		sbx_parse_fault(p, node, "bad-rule",
				"nobody listens for ICMP: only `allow` and "
				"`deny` take it");
	draft->rule.protos |= (__u8)proto;
}

static void parse_protocols(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each(p, node, "`protocols`", parse_protocol, target);
}

static void parse_domain(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct draft *draft = target;

	sbx_parse_domain(p, node, &draft->rule);
	if (!draft->rule.n_domains)
		return;
	add_text(draft, draft->rule.domains[draft->rule.n_domains - 1]);
}

static void parse_domains(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct draft *draft = target;

	draft->has_domains = true;
	if (draft->rule.dir == SBX_DIR_LISTEN)
		sbx_parse_fault(p, node, "bad-rule", "`listen` takes addresses, not domains");
	else if (draft->rule.deny)
		sbx_parse_fault(
			p, node, "bad-rule",
			"only `allow` takes domains: a name that no rule allows is refused, "
			"and `deny` takes addresses");
	else
		sbx_parse_each(p, node, "`domains`", parse_domain, draft);
}

/* What stands under `allow`, `deny` or `listen`. */
static const struct sbx_field match_fields[] = {
	{ "to", parse_to_list },      { "ports", parse_ports }, { "protocols", parse_protocols },
	{ "domains", parse_domains }, { NULL, NULL },
};

static int add_rule(struct sbx_parse *p, struct draft *draft)
{
	struct sbx_policy *policy = p->policy;
	struct sbx_net_rule *rule = &draft->rule;

	/* A deny that names neither protocols nor ports closes an address whole. */
	if (!rule->protos && rule->deny)
		rule->protos = rule->n_ports ? SBX_PROTO_ALL & ~SBX_PROTO_ICMP : SBX_PROTO_ALL;
	if (!rule->protos)
		rule->protos = SBX_PROTO_ANY;
	if (!rule->n_ports) {
		if (sbx_array_grow(&rule->ports, 0, sizeof(*rule->ports)))
			return -ENOMEM;
		rule->ports[rule->n_ports++] = (struct sbx_port_range){ 0, PORT_MAX };
	}
	if (draft->untold)
		sbx_buf_printf(&draft->text, " and %zu more", draft->untold);
	if (sbx_buf_take(&draft->text, &rule->text) ||
	    sbx_array_grow(&policy->nets, policy->n_nets, sizeof(*rule)))
		return -ENOMEM;
	policy->nets[policy->n_nets++] = *rule;
	*rule = (struct sbx_net_rule){ 0 };
	return 0;
}

static void parse_match(struct sbx_parse *p, const struct sbx_yaml *node, __u8 dir, bool deny,
			const char *what)
{
	sbx_cleanup(draft_free) struct draft draft = {
		.rule = { .dir = dir, .deny = deny, .place = sbx_parse_place(p, node) },
	};
	size_t before = p->diags->n_errors;

	sbx_parse_fields(p, node, match_fields, what, &draft);
	if (node->kind == SBX_YAML_MAP && !draft.has_to && !draft.has_domains)
		sbx_parse_fault(p, node, "missing-key",
				"%s needs `to`: addresses, or \"@any\" for all", what);
	if (draft.has_to && draft.has_domains)
		sbx_parse_fault(p, node, "bad-rule",
				"%s names addresses (`to`) or domains, not both: write two rules",
				what);
	if ((draft.rule.protos & SBX_PROTO_ICMP) && draft.rule.n_ports)
		sbx_parse_fault(p, node, "bad-rule",
				"`icmp` has no ports: write a rule of its own for it");
	if (p->policy->n_nets >= NET_RULES_MAX)
		sbx_parse_fault(p, node, "too-many-rules", "more than %d network rules",
				NET_RULES_MAX);
	if (p->diags->n_errors == before && !p->error && add_rule(p, &draft))
		p->error = -ENOMEM;
}

static void parse_allow(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	++*(unsigned int *)target;
	parse_match(p, node, SBX_DIR_OUT, false, "`allow`");
}

static void parse_deny(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	++*(unsigned int *)target;
	parse_match(p, node, SBX_DIR_OUT, true, "`deny`");
}

static void parse_rule(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "allow", parse_allow },
		{ "deny", parse_deny },
		{ NULL, NULL },
	};
	unsigned int verdicts = 0;

	(void)target; /* rules go into the policy */
	sbx_parse_fields(p, node, fields, "a network rule", &verdicts);
	if (verdicts == 2)
		sbx_parse_fault(p, node, "bad-rule",
				"a rule has `allow` or `deny`, not both: "
				"write two rules");
	else if (!verdicts && node->kind == SBX_YAML_MAP)
		sbx_parse_fault(p, node, "missing-key", "a network rule needs `allow` or `deny`");
}

static void parse_rules(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	if (node->kind == SBX_YAML_MAP)
		sbx_parse_fault(p, node, "wrong-type",
				"`rules` takes a list: start each rule with `- `");
	else
		sbx_parse_each_or_none(p, node, "`rules`", parse_rule, target);
}

static void parse_listen_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	parse_match(p, node, SBX_DIR_LISTEN, false, "`listen`");
}

static void parse_listen(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	if (node->kind == SBX_YAML_LIST)
		sbx_parse_each_or_none(p, node, "`listen`", parse_listen_one, target);
	else
		parse_listen_one(p, node, target);
}

static void parse_mode(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "none", SBX_NET_NONE },
		{ "internal", SBX_NET_INTERNAL },
		{ "filtered", SBX_NET_FILTERED },
		{ "full", SBX_NET_FULL },
		{ NULL, 0 },
	};
	int mode;

	(void)target; /* as above */
	if (!sbx_parse_word(p, node, "`mode`", words, &mode))
		return;
	p->policy->net_mode = (enum sbx_net_mode)mode;
	p->policy->net_mode_place = sbx_parse_place(p, node);
}

static void parse_family(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "unix", AF_UNIX },
		{ "inet", AF_INET },
		{ "inet6", AF_INET6 },
		{ "netlink", AF_NETLINK },
		{ "alg", AF_ALG },
		{ "bluetooth", AF_BLUETOOTH },
		{ "can", AF_CAN },
		{ "tipc", AF_TIPC },
		{ "rds", AF_RDS },
		{ "kcm", AF_KCM },
		{ "xdp", AF_XDP },
		{ "smc", AF_SMC },
		{ "packet", AF_PACKET },
		{ "vsock", AF_VSOCK },
		{ "netlink-route", ROUTE_ONLY },
		{ NULL, 0 },
	};
	int family;

	(void)target; /* as above */
	if (!sbx_parse_word(p, node, "a family", words, &family))
		return;
	/* Packet and vsock are escape attempts rather than families: guards decide them. */
	if (family == ROUTE_ONLY)
		p->policy->netlink_route = true;
	else if (family == AF_PACKET || family == AF_VSOCK)
		sbx_parse_fault(p, node, "bad-value",
				"`%s` is a guard: write it under `guards`, as `%s: allow`",
				node->text, family == AF_VSOCK ? "vsock" : "raw_socket");
	else
		p->policy->families |= 1ull << family;
}

static void parse_families(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`families`", parse_family, target);
}

/* Was read before everything else, because rules refer to it. */
static void parse_sets(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)p;
	(void)node;
	(void)target;
}

static void parse_abstract(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *name = sbx_parse_text(p, node, "a name");

	(void)target; /* as above */
	if (!name)
		return;
	if (*name == '@')
		sbx_parse_fault(p, node, "bad-value",
				"`%.60s`: write the name without the `@` that tools show in front",
				name);
	else if (!*name || strlen(name) > ABSTRACT_MAX)
		sbx_parse_fault(p, node, "bad-value",
				"the name of an abstract socket has 1 to %d bytes", ABSTRACT_MAX);
	else if (!sbx_intern(&p->policy->abstract_unix, name))
		p->error = -ENOMEM;
}

static void parse_abstracts(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`abstract`", parse_abstract, target);
}

static void parse_unix(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "abstract", parse_abstracts },
		{ NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`unix`", target);
}

void sbx_parse_network(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "mode", parse_mode },	  { "families", parse_families },
		{ "sets", parse_sets },	  { "rules", parse_rules },
		{ "dns", sbx_parse_dns }, { "listen", parse_listen },
		{ "unix", parse_unix },	  { "bandwidth", sbx_parse_bandwidth },
		{ NULL, NULL },
	};
	const struct sbx_yaml *sets = sbx_parse_find(node, "sets");

	if (sets)
		sbx_parse_sets(p, sets);
	sbx_parse_fields(p, node, fields, "`network`", target);
}

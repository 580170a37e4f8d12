// SPDX-License-Identifier: GPL-2.0-only
/* Section `network`: mode, families, rules for what goes out, and `listen`. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/parse.h"
#include "policy/text.h"
#include "policy/units.h"

#define NET_RULES_MAX 50000 /* their numbers are 16 bits wide in the kernel */
#define PORT_MAX 65535

/* A rule being read; `to` names the nodes whose text becomes the rule's. */
struct draft {
	struct sbx_net_rule rule;
	bool has_to;
	bool has_domains;
	bool faulty;
	struct sbx_buf text;
};

static void draft_free(struct draft *draft)
{
	sbx_net_rule_free(&draft->rule);
	sbx_buf_free(&draft->text);
}

static void add_prefix(struct sbx_parse *p, struct draft *draft, const struct sbx_prefix *prefix)
{
	struct sbx_net_rule *rule = &draft->rule;

	if (sbx_array_grow(&rule->prefixes, rule->n_prefixes, sizeof(*prefix)))
		p->error = -ENOMEM;
	else
		rule->prefixes[rule->n_prefixes++] = *prefix;
}

static const char *set_name_at(size_t i, const void *ctx)
{
	const struct sbx_address_set *set = sbx_address_set_at(i);

	(void)ctx; /* the table is global */
	return set ? set->name : NULL;
}

static void parse_set(struct sbx_parse *p, const struct sbx_yaml *node, const char *name,
		      struct draft *draft)
{
	const struct sbx_address_set *set = sbx_address_set(name);
	const char *nearest;

	for (size_t i = 0; set && set->prefixes[i]; i++) {
		struct sbx_prefix prefix = { 0 };

		(void)sbx_prefix_parse(set->prefixes[i], &prefix); /* a unit test reads them all */
		add_prefix(p, draft, &prefix);
	}
	if (set)
		return;
	nearest = sbx_text_nearest(name, set_name_at, NULL);
	sbx_parse_fault(p, node, "bad-address", "no set is called `%.60s`%s%s%s", name,
			nearest ? "; did you mean `"
				: ": there are @metadata, @loopback, @private, "
				  "@linklocal, @multicast, @any",
			nearest ? nearest : "", nearest ? "`?" : "");
}

static bool looks_like_name(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*") ==
		       strlen(text) &&
	       strpbrk(text, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ*");
}

static void address_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *text,
			  int error, const struct sbx_prefix *network)
{
	char buf[SBX_ADDRESS_TEXT];

	if (error == -EDOM)
		sbx_parse_fault(p, node, "host-bits",
				"`%s` has bits set beyond its length; the network is `%s`", text,
				sbx_prefix_format(network, buf, sizeof(buf)));
	else if (error == -ERANGE)
		sbx_parse_fault(p, node, "bad-address",
				"`%.60s`: a length is 0 to 32 for IPv4 and 0 to 128 for IPv6",
				text);
	else if (!strcmp(text, "localhost"))
		sbx_parse_fault(p, node, "bad-address", "write `@loopback` instead of `localhost`");
	else if (looks_like_name(text))
		sbx_parse_fault(p, node, "bad-address",
				"`%.60s` is a name: write it under `domains` instead of `to`",
				text);
	else
		sbx_parse_fault(
			p, node, "bad-address",
			"`%.60s` is not an address, a network such as 10.1.0.0/16, or a set "
			"such as \"@private\"; ports stand under `ports`",
			text);
}

static void parse_to(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`to`");
	struct draft *draft = target;
	struct sbx_prefix prefix = { 0 };
	int r;

	if (!text)
		return;
	if (draft->text.len)
		sbx_buf_puts(&draft->text, ", ");
	sbx_buf_puts(&draft->text, text);
	if (*text == '@') {
		parse_set(p, node, text, draft);
		return;
	}
	r = sbx_prefix_parse(text, &prefix);
	if (r)
		address_fault(p, node, text, r, &prefix);
	else
		add_prefix(p, draft, &prefix);
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
		{ NULL, 0 },
	};
	int proto;

	if (sbx_parse_word(p, node, "a protocol", words, &proto))
		((struct draft *)target)->rule.protos |= (__u8)proto;
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
	if (draft->text.len)
		sbx_buf_puts(&draft->text, ", ");
	sbx_buf_puts(&draft->text, draft->rule.domains[draft->rule.n_domains - 1]);
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

	if (!rule->protos)
		rule->protos = SBX_PROTO_ANY;
	if (!rule->n_ports) {
		if (sbx_array_grow(&rule->ports, 0, sizeof(*rule->ports)))
			return -ENOMEM;
		rule->ports[rule->n_ports++] = (struct sbx_port_range){ 0, PORT_MAX };
	}
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
		{ "unix", AF_UNIX },	   { "inet", AF_INET },	  { "inet6", AF_INET6 },
		{ "netlink", AF_NETLINK }, { "alg", AF_ALG },	  { "bluetooth", AF_BLUETOOTH },
		{ "can", AF_CAN },	   { "tipc", AF_TIPC },	  { "rds", AF_RDS },
		{ "kcm", AF_KCM },	   { "xdp", AF_XDP },	  { "smc", AF_SMC },
		{ "packet", AF_PACKET },   { "vsock", AF_VSOCK }, { NULL, 0 },
	};
	int family;

	(void)target; /* as above */
	if (!sbx_parse_word(p, node, "a family", words, &family))
		return;
	/* These are escape attempts rather than families: guards decide them. */
	if (family == AF_PACKET || family == AF_VSOCK)
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

void sbx_parse_network(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "mode", parse_mode },	  { "families", parse_families },
		{ "rules", parse_rules }, { "listen", parse_listen },
		{ "dns", sbx_parse_dns }, { "bandwidth", NULL },
		{ NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`network`", target);
}

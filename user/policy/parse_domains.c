// SPDX-License-Identifier: GPL-2.0-only
/* Names of hosts in network rules, `network: dns:`, and what of both makes no sense together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/domain.h"
#include "policy/parse.h"
#include "policy/units.h"

#define NAME_BYTES_MAX 253 /* of a name in dots: 255 as sent */
#define LABEL_BYTES_MAX 63
#define LABEL_BYTES "abcdefghijklmnopqrstuvwxyz0123456789-_"
#define TTL_MAX_S (7 * 24 * 3600) /* longer, and an address has long been somebody else's */

/* --- names ---------------------------------------------------------------------------------- */

/* What is wrong with a name (lower case, without `*.` and a dot at its end), or NULL. */
static const char *name_fault(const char *name)
{
	const char *last = strrchr(name, '.');

	if (strlen(name) > NAME_BYTES_MAX)
		return "a name has at most 253 bytes";
	for (const char *at = name;; at++) {
		size_t len = strcspn(at, ".");

		if (!len || len > LABEL_BYTES_MAX)
			return "between the dots of a name are 1 to 63 bytes";
		if (strspn(at, LABEL_BYTES) < len)
			return "a name has letters, digits, `-`, `_` and dots, and `*.` only in "
			       "front";
		at += len;
		if (!*at)
			break;
	}
	last = last ? last + 1 : name;
	if (strspn(last, "0123456789") == strlen(last))
		return "this is no name; addresses stand under `to`";
	return NULL;
}

int sbx_domain_normalise(const char *text, char **ret_name, const char **ret_fault)
{
	sbx_cleanup(sbx_freep) char *name = strdup(text);
	size_t len = strlen(text);
	const char *bare;

	if (!name)
		return -ENOMEM;
	for (char *c = name; *c; c++) {
		if ((unsigned char)*c >= 0x80) {
			*ret_fault =
				"write an international name in its ASCII form, as `xn--...` (the "
				"command `idn2` makes it)";
			return -EINVAL;
		}
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	}
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	bare = strncmp(name, "*.", 2) ? name : name + 2;
	*ret_fault = name_fault(bare);
	if (*ret_fault)
		return -EINVAL;
	*ret_name = SBX_TAKE(name, NULL);
	return 0;
}

void sbx_parse_domain(struct sbx_parse *p, const struct sbx_yaml *node, struct sbx_net_rule *rule)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "a domain");
	char *name = NULL;
	const char *fault = NULL;
	int r;

	if (!text)
		return;
	r = sbx_domain_normalise(text, &name, &fault);
	if (r == -EINVAL)
		sbx_parse_fault(p, node, "bad-domain", "`%.60s`: %s", text, fault);
	else if (r || sbx_array_grow(&rule->domains, rule->n_domains, sizeof(*rule->domains)))
		p->error = -ENOMEM;
	else
		rule->domains[rule->n_domains++] = SBX_TAKE(name, NULL);
	sbx_freep(&name);
}

/* --- dns ------------------------------------------------------------------------------------- */

static int add_server(struct sbx_dns_config *dns, const __u8 addr[16])
{
	for (size_t i = 0; i < dns->n_servers; i++) {
		if (!memcmp(dns->servers[i], addr, 16))
			return 0;
	}
	if (sbx_array_grow(&dns->servers, dns->n_servers, sizeof(*dns->servers)))
		return -ENOMEM;
	memcpy(dns->servers[dns->n_servers++], addr, 16);
	return 0;
}

static void parse_server(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "a server");
	struct sbx_dns_config *dns = target;
	__u8 addr[16];

	if (!text)
		return;
	if (!strcmp(text, "system"))
		dns->system = true;
	else if (sbx_address_parse(text, addr))
		sbx_parse_fault(p, node, "bad-address",
				"`%.60s`: a DNS server is an address, or `system` for those of "
				"/etc/resolv.conf",
				text);
	else if (dns->n_servers == SBX_RESOLVERS_MAX)
		sbx_parse_fault(p, node, "too-many-rules", "more than %d DNS servers",
				SBX_RESOLVERS_MAX);
	else if (add_server(dns, addr))
		p->error = -ENOMEM;
}

static void parse_servers(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_dns_config *dns = target;

	dns->system = false;
	dns->n_servers = 0; /* what a base says is replaced */
	sbx_parse_each(p, node, "`servers`", parse_server, dns);
}

static void parse_ttl(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		      __u32 *ret_seconds)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, what);
	__u64 ms;

	if (!text)
		return;
	if (sbx_units_duration(text, &ms) || ms % 1000)
		sbx_parse_fault(p, node, "bad-duration",
				"%s takes whole seconds, such as `60s`, or `5m`, `1h`", what);
	else if (ms == 0 || ms / 1000 > TTL_MAX_S)
		sbx_parse_fault(p, node, "bad-number", "%s is 1s to 7d", what);
	else
		*ret_seconds = (__u32)(ms / 1000);
}

static void parse_min_ttl(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_ttl(p, node, "`min_ttl`", &((struct sbx_dns_config *)target)->min_ttl);
}

static void parse_max_ttl(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_ttl(p, node, "`max_ttl`", &((struct sbx_dns_config *)target)->max_ttl);
}

void sbx_parse_dns(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "servers", parse_servers },
		{ "min_ttl", parse_min_ttl },
		{ "max_ttl", parse_max_ttl },
		{ NULL, NULL },
	};
	struct sbx_dns_config *dns = &p->policy->dns;

	(void)target; /* the policy is the target */
	dns->place = sbx_parse_place(p, node);
	sbx_parse_fields(p, node, fields, "`dns`", dns);
}

/* --- what makes no sense together ---------------------------------------------------------------
 */

static void fault_at(struct sbx_parse *p, const struct sbx_place *place, const char *code,
		     const char *text)
{
	sbx_diag_add(p->diags, SBX_DIAG_ERROR, code, place->file, place->line, place->column, "%s",
		     text);
}

bool sbx_policy_has_domains(const struct sbx_policy *policy)
{
	for (size_t i = 0; i < policy->n_nets; i++) {
		if (policy->nets[i].n_domains)
			return true;
	}
	return false;
}

/* A mode that opens every address anyway; mode `none` is told of by the caller. */
static void check_domain_mode(struct sbx_parse *p)
{
	const struct sbx_policy *policy = p->policy;

	for (size_t i = 0; i < policy->n_nets && policy->net_mode == SBX_NET_FULL; i++) {
		if (policy->nets[i].n_domains)
			fault_at(p, &policy->nets[i].place, "no-effect",
				 "domains have no effect in network mode `full`, which opens every "
				 "address: write `mode: filtered`");
	}
}

void sbx_parse_check_dns(struct sbx_parse *p)
{
	struct sbx_dns_config *dns = &p->policy->dns;
	bool domains = sbx_policy_has_domains(p->policy);

	check_domain_mode(p);
	if (dns->place.file && p->policy->net_mode == SBX_NET_NONE)
		fault_at(p, &dns->place, "no-effect",
			 "`dns` has no effect in network mode `none`: write `mode: filtered`");
	if (dns->min_ttl && dns->max_ttl && dns->min_ttl > dns->max_ttl)
		fault_at(p, &dns->place, "contradiction", "`min_ttl` is more than `max_ttl`");
	if (dns->place.file && !domains && (dns->min_ttl || dns->max_ttl))
		fault_at(p, &dns->place, "no-effect",
			 "`min_ttl` and `max_ttl` have no effect without a rule with `domains`");
	if ((dns->place.file || domains) && !dns->n_servers)
		dns->system = true;
}

/* --- the host's own ------------------------------------------------------------------------------
 */

/* The next word of a line into buf; NULL: there is none, or it does not fit. */
static const char *next_word(const char *line, char *buf, size_t size)
{
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t\r\n#;");
	if (!len || len >= size)
		return NULL;
	memcpy(buf, line, len);
	buf[len] = '\0';
	return line + len;
}

static int take_nameserver(struct sbx_dns_config *dns, const char *line)
{
	char word[128];
	__u8 addr[16];

	if (dns->n_servers >= SBX_RESOLVERS_MAX || !next_word(line, word, sizeof(word)))
		return 0;
	word[strcspn(word, "%")] = '\0'; /* fe80::1%eth0 */
	return sbx_address_parse(word, addr) ? 0 : add_server(dns, addr);
}

/* The last line of `search` or `domain` counts, as in libc. */
static int take_search(struct sbx_dns_config *dns, const char *line)
{
	char word[NAME_BYTES_MAX + 3];

	for (size_t i = 0; dns->search && dns->search[i]; i++)
		free(dns->search[i]);
	sbx_freep(&dns->search);
	while ((line = next_word(line, word, sizeof(word)))) {
		sbx_cleanup(sbx_freep) char *name = NULL;
		const char *fault = NULL;
		int r = sbx_domain_normalise(word, &name, &fault);

		if (r == -ENOMEM || (!r && *name != '*' && !sbx_intern(&dns->search, name)))
			return -ENOMEM;
	}
	return 0;
}

int sbx_policy_add_resolvers(struct sbx_policy *policy, const char *text)
{
	static const __u8 localhost[16] = { [10] = 0xff, [11] = 0xff, 127, 0, 0, 1 };
	struct sbx_dns_config *dns = &policy->dns;
	bool system = dns->system;
	size_t before = dns->n_servers;
	int r = 0;

	if (!dns->place.file && !sbx_policy_has_domains(policy))
		return 0;
	while (*text && !r) {
		const char *end = strchr(text, '\n');

		if (system && !strncmp(text, "nameserver", 10))
			r = take_nameserver(dns, text + 10);
		else if (!strncmp(text, "search", 6) || !strncmp(text, "domain", 6))
			r = take_search(dns, text + 6);
		text = end ? end + 1 : text + strlen(text);
	}
	if (!r && system && dns->n_servers == before)
		r = add_server(dns, localhost);
	dns->system = false;
	return r;
}

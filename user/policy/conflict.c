// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of one file that contradict or repeat each other.  Equal paths that came about through a
 * variable are no mistake of the file (WORKDIR may be /tmp today): there deny simply wins.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/parse.h"

#define PAIRS_MAX 10000 /* compared for one path or network, then enough was said */

static int compare_paths(const void *pa, const void *pb)
{
	const struct sbx_path_rule *a = *(const struct sbx_path_rule *const *)pa;
	const struct sbx_path_rule *b = *(const struct sbx_path_rule *const *)pb;
	int r = strcmp(a->path, b->path);

	return r ? r : (a > b) - (a < b); /* same array: the order of the file */
}

static void warn_duplicate(struct sbx_parse *p, const struct sbx_place *place,
			   const struct sbx_place *other, const char *text)
{
	sbx_diag_add(p->diags, SBX_DIAG_WARNING, "duplicate-rule", place->file, place->line,
		     place->column, "a rule already says this of `%s`; see line %u", text,
		     other->line);
}

static void check_path_pair(struct sbx_parse *p, const struct sbx_path_rule *a,
			    const struct sbx_path_rule *b)
{
	char rights[128];

	if ((a->expanded || b->expanded) && strcmp(a->text, b->text))
		return;
	if (a->deny != b->deny && (a->rights & b->rights))
		sbx_diag_add(p->diags, SBX_DIAG_ERROR, "contradiction", b->place.file,
			     b->place.line, b->place.column,
			     "%s is allowed and denied for `%s`; see line %u",
			     sbx_rights_format(a->rights & b->rights, rights, sizeof(rights)),
			     b->text, a->place.line);
	else if (a->deny == b->deny && (b->rights & ~a->rights) == 0)
		warn_duplicate(p, &b->place, &a->place, b->text);
}

static int check_paths(struct sbx_parse *p, size_t first)
{
	sbx_cleanup(sbx_freep) const struct sbx_path_rule **rules = NULL;
	size_t n = p->policy->n_paths - first;

	if (n < 2)
		return 0;
	rules = calloc(n, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		rules[i] = &p->policy->paths[first + i];
	qsort(rules, n, sizeof(*rules), compare_paths);
	for (size_t i = 0, end; i < n; i = end) {
		size_t pairs = 0;

		for (end = i + 1; end < n && !strcmp(rules[i]->path, rules[end]->path); end++)
			;
		for (size_t k = i; k < end; k++) {
			for (size_t m = k + 1; m < end && pairs < PAIRS_MAX; m++, pairs++)
				check_path_pair(p, rules[k], rules[m]);
		}
	}
	return 0;
}

/* One prefix of one rule. */
struct net_item {
	const struct sbx_prefix *prefix;
	const struct sbx_net_rule *rule;
};

static int compare_items(const void *pa, const void *pb)
{
	const struct net_item *a = pa, *b = pb;
	int r = a->rule->dir - b->rule->dir;

	if (!r)
		r = sbx_prefix_compare(a->prefix, b->prefix);
	if (!r)
		r = (a->rule > b->rule) - (a->rule < b->rule);
	return r ? r : (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static bool same_target(const struct net_item *a, const struct net_item *b)
{
	return a->rule->dir == b->rule->dir && !sbx_prefix_compare(a->prefix, b->prefix);
}

static bool ports_meet(const struct sbx_net_rule *a, const struct sbx_net_rule *b)
{
	size_t pairs = 0;

	for (size_t i = 0; i < a->n_ports; i++) {
		for (size_t k = 0; k < b->n_ports && pairs < PAIRS_MAX; k++, pairs++) {
			if (a->ports[i].lo <= b->ports[k].hi && b->ports[k].lo <= a->ports[i].hi)
				return true;
		}
	}
	return false;
}

static bool same_ports(const struct sbx_net_rule *a, const struct sbx_net_rule *b)
{
	return a->protos == b->protos && a->n_ports == b->n_ports &&
	       !memcmp(a->ports, b->ports, a->n_ports * sizeof(*a->ports));
}

static void check_net_pair(struct sbx_parse *p, const struct net_item *a, const struct net_item *b)
{
	const struct sbx_net_rule *first = a->rule, *second = b->rule;
	char text[SBX_ADDRESS_TEXT];

	(void)sbx_prefix_format(b->prefix, text, sizeof(text)); /* returns its buffer */
	if (first->deny != second->deny) {
		if ((first->protos & second->protos) && ports_meet(first, second))
			sbx_diag_add(p->diags, SBX_DIAG_ERROR, "contradiction", second->place.file,
				     second->place.line, second->place.column,
				     "the same ports are allowed and denied for `%s`; see line %u",
				     text, first->place.line);
	} else if (same_ports(first, second)) {
		warn_duplicate(p, &second->place, &first->place, text);
	}
}

static void check_items(struct sbx_parse *p, struct net_item *items, size_t n)
{
	qsort(items, n, sizeof(*items), compare_items);
	for (size_t i = 0, end; i < n; i = end) {
		size_t pairs = 0;

		for (end = i + 1; end < n && same_target(&items[i], &items[end]); end++)
			;
		for (size_t k = i; k < end; k++) {
			for (size_t m = k + 1; m < end && pairs < PAIRS_MAX; m++, pairs++)
				check_net_pair(p, &items[k], &items[m]);
		}
	}
}

static int check_nets(struct sbx_parse *p, size_t first)
{
	sbx_cleanup(sbx_freep) struct net_item *items = NULL;
	const struct sbx_policy *policy = p->policy;
	size_t n = 0;

	for (size_t i = first; i < policy->n_nets; i++)
		n += policy->nets[i].to.n;
	if (n < 2)
		return 0;
	items = calloc(n, sizeof(*items));
	if (!items)
		return -ENOMEM;
	n = 0;
	for (size_t i = first; i < policy->n_nets; i++) {
		for (size_t k = 0; k < policy->nets[i].to.n; k++) {
			items[n].prefix = &policy->nets[i].to.prefixes[k];
			items[n++].rule = &policy->nets[i];
		}
	}
	check_items(p, items, n);
	return 0;
}

void sbx_parse_conflicts(struct sbx_parse *p, size_t first_path, size_t first_net)
{
	if (p->error)
		return;
	if (check_paths(p, first_path) || check_nets(p, first_net))
		p->error = -ENOMEM;
}

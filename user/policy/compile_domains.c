// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains -> edges of a trie of labels, from the right, and port classes; the job's DNS settings.
 * Sorted by labels from the right, a name stands before all names below it, so a stack of the open
 * labels gives each name its wildcards: what they say is merged in here, and the deepest edge that
 * matches decides alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/compiler.h"
#include "policy/parse.h"
#include "policy/ports.h"

#define LABELS_MAX 128
#define MIN_TTL_S 60	/* programs connect a while after they asked */
#define MAX_TTL_S 86400 /* and addresses come to be somebody else's */

/* A name of one rule. */
struct item {
	char **labels; /* from the right; the pointers lead into `text`, owned */
	size_t n_labels;
	char *text;
	bool wildcard;
	const struct sbx_net_rule *rule; /* NULL: a search suffix */
	__u32 ref;
	const char *name; /* as the rule has it */
};

struct items {
	struct item *items;
	size_t n;
};

/* An open label: its node, and the wildcards that stand right below it. */
struct level {
	const char *label;
	__u32 node;
	const struct item *wild;
	size_t n_wild;
};

struct domains {
	struct sbx_compiler *c;
	__u32 root;
	size_t first_edge; /* of the trie in out->edges */
	struct level stack[LABELS_MAX + 1];
	size_t depth;
};

static void items_free(struct items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		free(items->items[i].labels);
		free(items->items[i].text);
	}
	sbx_freep(&items->items);
}

/* Splits the text of an item at its dots, the last label first. */
static int split(struct item *item)
{
	size_t n = 1;

	for (const char *c = item->text; *c; c++)
		n += *c == '.';
	item->labels = calloc(n, sizeof(*item->labels));
	if (!item->labels)
		return -ENOMEM;
	item->n_labels = n;
	for (char *at = item->text; n; at += strlen(at) + 1) {
		at[strcspn(at, ".")] = '\0';
		item->labels[--n] = at;
	}
	return 0;
}

static int add_item(struct items *items, const char *name, const struct sbx_net_rule *rule,
		    size_t ref)
{
	struct item item = { .rule = rule, .ref = (__u32)ref, .name = name };

	item.wildcard = !strncmp(name, "*.", 2);
	item.text = strdup(item.wildcard ? name + 2 : name);
	if (!item.text || split(&item) ||
	    sbx_array_grow(&items->items, items->n, sizeof(*items->items))) {
		free(item.text);
		free(item.labels);
		return -ENOMEM;
	}
	items->items[items->n++] = item;
	return 0;
}

static int compare_labels(const struct item *a, const struct item *b)
{
	size_t n = a->n_labels < b->n_labels ? a->n_labels : b->n_labels;
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = strcmp(a->labels[i], b->labels[i]);
	return r ? r : (a->n_labels > b->n_labels) - (a->n_labels < b->n_labels);
}

static int compare_items(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	int r = compare_labels(a, b);

	if (!r)
		r = a->wildcard - b->wildcard;
	return r ? r : (a->ref > b->ref) - (a->ref < b->ref);
}

/* Classes of domains come first of all, so their numbers are small; there are few. */
static int share_class(struct sbx_compiled *out, const struct sbx_class *class, __u16 *ret_number)
{
	size_t i = 0;

	while (i < out->n_classes && memcmp(&out->classes[i], class, sizeof(*class)))
		i++;
	if (i == out->n_classes) {
		if (sbx_array_grow(&out->classes, i, sizeof(*class)))
			return -ENOMEM;
		out->classes[out->n_classes++] = *class;
	}
	*ret_number = (__u16)(i + 1);
	return 0;
}

static int overlay(struct sbx_ports *ports, const struct item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sbx_net_rule *rule = items[i].rule;

		for (size_t k = 0; k < rule->n_ports; k++) {
			if (sbx_ports_overlay(ports, &rule->ports[k], rule->protos, true,
					      items[i].ref))
				return -E2BIG;
		}
	}
	return 0;
}

/* What `items` (of one name) and the wildcards of `depth` open levels say together. */
static int make_class(struct domains *d, const struct item *items, size_t n, size_t depth,
		      __u16 *ret_number)
{
	const struct sbx_net_rule *rule = items[0].rule;
	struct sbx_ports ports;
	struct sbx_class class;
	int r;

	sbx_ports_init(&ports, false);
	r = overlay(&ports, items, n);
	while (!r && depth--)
		r = overlay(&ports, d->stack[depth].wild, d->stack[depth].n_wild);
	if (!r)
		r = sbx_ports_emit(&ports, &class);
	if (!r)
		return share_class(d->c->out, &class, ret_number);
	sbx_diag_add(d->c->diags, SBX_DIAG_ERROR, "too-many-ranges", rule->place.file,
		     rule->place.line, rule->place.column,
		     "the rules for `%s` make more than %d ranges of ports", items[0].name,
		     SBX_RANGES_MAX);
	return 0; /* one fault; the other names are still looked at */
}

/* The node behind a chunk that an earlier label has made, or 0. */
static __u32 find_chunk(const struct domains *d, const struct sbx_edge_key *key)
{
	const struct sbx_compiled *out = d->c->out;

	for (size_t i = out->n_edges; i-- > d->first_edge;) {
		if (!sbx_edge_key_compare(&out->edges[i].key, key))
			return out->edges[i].value.node;
	}
	return 0;
}

/* Adds the edges of one label below `node`; `value` goes into the last. */
static int add_label(struct domains *d, __u32 node, const char *label, struct sbx_edge value,
		     __u32 *ret_node)
{
	struct sbx_compiled *out = d->c->out;
	size_t len = strlen(label);

	for (;; label += SBX_NAME_CHUNK, len -= SBX_NAME_CHUNK) {
		struct sbx_edge_key key = sbx_edge_key_make(node, label, len);
		bool last = len <= SBX_NAME_CHUNK;
		struct sbx_edge edge =
			last ? value : (struct sbx_edge){ .flags = SBX_EDGE_PARTIAL };
		__u32 next = last ? 0 : find_chunk(d, &key);

		if (!next) {
			next = sbx_compiled_add_node(out, node);
			edge.node = next;
			if (!next || sbx_compiled_add_edge(out, &key, &edge))
				return -ENOMEM;
		}
		node = next;
		if (last)
			break;
	}
	*ret_node = node;
	return 0;
}

static int note_domain(struct sbx_compiled *out, const struct item *item, __u16 number)
{
	char *name = strdup(item->name);

	if (!name || sbx_array_grow(&out->domains, out->n_domains, sizeof(*out->domains))) {
		free(name);
		return -ENOMEM;
	}
	out->domains[out->n_domains++] =
		(struct sbx_domain_entry){ .name = name, .class_id = number ? number - 1u : 0 };
	return 0;
}

/* What holds at the name of items[0..n), of which the first `exact` are no wildcards. */
static int make_value(struct domains *d, const struct item *items, size_t n, size_t exact,
		      struct sbx_edge *ret_value)
{
	int r = 0;

	if (!items[0].rule) {
		ret_value->name_class = 1;
		return 0;
	}
	if (exact)
		r = make_class(d, items, exact, d->depth, &ret_value->name_class);
	if (!r && exact)
		r = note_domain(d->c->out, &items[0], ret_value->name_class);
	if (!r && n > exact)
		r = make_class(d, items + exact, n - exact, d->depth, &ret_value->below_class);
	if (!r && n > exact)
		r = note_domain(d->c->out, &items[exact], ret_value->below_class);
	return r;
}

/* Closes levels until the stack holds only labels that `item` has, too. */
static void unwind(struct domains *d, const struct item *item)
{
	size_t common = 0;

	while (common < d->depth && common < item->n_labels &&
	       !strcmp(d->stack[common].label, item->labels[common]))
		common++;
	d->depth = common;
}

static int add_name(struct domains *d, const struct item *items, size_t n)
{
	const struct item *item = &items[0];
	size_t exact = 0;
	int r = 0;

	while (exact < n && !items[exact].wildcard)
		exact++;
	unwind(d, item);
	while (d->depth < item->n_labels && !r) {
		struct level *level = &d->stack[d->depth];
		__u32 parent = d->depth ? level[-1].node : d->root;
		bool last = d->depth + 1 == item->n_labels;
		struct sbx_edge value = { 0 };

		*level = (struct level){ .label = item->labels[d->depth] };
		if (last)
			r = make_value(d, items, n, exact, &value);
		if (!r)
			r = add_label(d, parent, level->label, value, &level->node);
		if (last) {
			level->wild = items + exact;
			level->n_wild = n - exact;
		}
		d->depth++;
	}
	return r;
}

static int build(struct sbx_compiler *c, struct items *items, __u32 root)
{
	sbx_cleanup(sbx_freep) struct domains *d = calloc(1, sizeof(*d));
	int r = 0;

	if (!d)
		return -ENOMEM;
	d->c = c;
	d->root = root;
	d->first_edge = c->out->n_edges;
	if (items->n)
		qsort(items->items, items->n, sizeof(*items->items), compare_items);
	for (size_t i = 0, end; i < items->n && !r; i = end) {
		for (end = i + 1; end < items->n; end++) {
			if (compare_labels(&items->items[i], &items->items[end]))
				break;
		}
		r = add_name(d, &items->items[i], end - i);
	}
	if (!r && c->out->n_nodes > SBX_NODES_MAX)
		sbx_diag_add(c->diags, SBX_DIAG_ERROR, "too-many-nodes",
			     c->policy->nets[0].place.file, c->policy->nets[0].place.line,
			     c->policy->nets[0].place.column,
			     "the rules have more than %d names and parts of names", SBX_NODES_MAX);
	return r;
}

static void set_job(struct sbx_compiler *c, bool domains)
{
	const struct sbx_dns_config *dns = &c->policy->dns;
	struct sbx_job *job = &c->out->job;

	job->dns = SBX_DNS_SERVERS | (domains ? SBX_DNS_NAMES : 0);
	job->n_resolvers = (__u32)dns->n_servers;
	if (job->n_resolvers > SBX_RESOLVERS_MAX)
		job->n_resolvers = SBX_RESOLVERS_MAX;
	for (__u32 i = 0; i < job->n_resolvers; i++)
		memcpy(job->resolvers[i], dns->servers[i], sizeof(job->resolvers[i]));
	job->dns_min_ttl = dns->min_ttl ? dns->min_ttl : MIN_TTL_S;
	job->dns_max_ttl = dns->max_ttl ? dns->max_ttl : MAX_TTL_S;
	if (job->dns_min_ttl > job->dns_max_ttl) /* one was said, the other is the default */
		job->dns_min_ttl = job->dns_max_ttl = dns->min_ttl ? dns->min_ttl : dns->max_ttl;
	c->out->dns_system = dns->system;
}

static int compile_names(struct sbx_compiler *c)
{
	sbx_cleanup(items_free) struct items names = { 0 };
	sbx_cleanup(items_free) struct items suffixes = { 0 };
	const struct sbx_policy *policy = c->policy;
	int r = 0;

	for (size_t i = 0; i < policy->n_nets; i++) {
		const struct sbx_net_rule *rule = &policy->nets[i];

		for (size_t k = 0; k < rule->n_domains && !r; k++)
			r = add_item(&names, rule->domains[k], rule, i);
	}
	for (char **suffix = policy->dns.search; suffix && *suffix && !r; suffix++)
		r = add_item(&suffixes, *suffix, NULL, 0);
	if (!r)
		r = build(c, &names, SBX_NODE_DOMAINS);
	return r ? r : build(c, &suffixes, SBX_NODE_SEARCH);
}

static int note_abstract(struct sbx_compiled *out, const char *name)
{
	char *copy = strdup(name);

	if (!copy || sbx_array_grow(&out->abstract_unix, out->n_abstract_unix, sizeof(copy))) {
		free(copy);
		return -ENOMEM;
	}
	out->abstract_unix[out->n_abstract_unix++] = copy;
	return 0;
}

int sbx_compile_abstract(struct sbx_compiler *c)
{
	struct domains d = { .c = c, .first_edge = c->out->n_edges };
	const struct sbx_edge named = { .name_class = 1 };
	__u32 node;
	int r = 0;

	for (char **name = c->policy->abstract_unix; name && *name && !r; name++) {
		r = add_label(&d, SBX_NODE_UNIX, *name, named, &node);
		if (!r)
			r = note_abstract(c->out, *name);
	}
	return r;
}

int sbx_compile_domains(struct sbx_compiler *c)
{
	bool domains = sbx_policy_has_domains(c->policy);

	if (c->policy->net_mode == SBX_NET_NONE || (!domains && !c->policy->dns.place.file))
		return 0;
	set_job(c, domains);
	return domains ? compile_names(c) : 0;
}

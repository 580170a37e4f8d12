// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network rules -> prefixes and port classes.  Sorted, a prefix stands before all that it holds,
 * so a stack of the open ones gives each its less specific neighbour: what that one says is
 * merged in here, and the kernel needs one look-up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/compiler.h"
#include "policy/parse.h"
#include "policy/ports.h"

#define STACK_MAX 130 /* prefix lengths 0 to 128, and one to spare */
#define DIR_BITS 32   /* of sbx_prefix_key before the address */

/* A prefix and one rule that names it; `rule` NULL: a root, which is always there. */
struct item {
	struct sbx_prefix prefix;
	const struct sbx_net_rule *rule;
	__u32 ref;
	bool weak; /* built in: says something only where the policy does not */
};

struct items {
	struct item *items;
	size_t n;
};

/* An open prefix: what holds there, and its class. */
struct level {
	struct sbx_prefix prefix;
	struct sbx_ports ports;
	__u32 class_id;
};

struct net {
	struct sbx_compiler *c;
	enum sbx_direction dir;
	bool allow;	     /* what holds where no rule speaks */
	struct level *stack; /* STACK_MAX of them */
	size_t depth;
	__u32 *buckets;	  /* class ids + 1 by hash; 0: free */
	size_t n_buckets; /* a power of two */
};

static void items_free(struct items *items)
{
	sbx_freep(&items->items);
}

static int add_item(struct items *items, const struct sbx_prefix *prefix,
		    const struct sbx_net_rule *rule, size_t ref, bool weak)
{
	if (sbx_array_grow(&items->items, items->n, sizeof(*items->items)))
		return -ENOMEM;
	items->items[items->n++] = (struct item){ *prefix, rule, (__u32)ref, weak };
	return 0;
}

static int compare_items(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	int r = sbx_prefix_compare(&a->prefix, &b->prefix);

	return r ? r : (a->ref > b->ref) - (a->ref < b->ref);
}

/* Classes are shared: open addressing over all that were made so far. */
static int class_find(struct net *n, const struct sbx_class *class, __u32 *ret_id)
{
	struct sbx_compiled *out = n->c->out;
	const unsigned char *bytes = (const unsigned char *)class;
	__u64 hash = 14695981039346656037ull; /* FNV-1a */
	size_t at;

	for (size_t i = 0; i < sizeof(*class); i++)
		hash = (hash ^ bytes[i]) * 1099511628211ull;
	for (at = hash & (n->n_buckets - 1); n->buckets[at]; at = (at + 1) & (n->n_buckets - 1)) {
		if (memcmp(&out->classes[n->buckets[at] - 1], class, sizeof(*class)))
			continue;
		*ret_id = n->buckets[at] - 1;
		return 0;
	}
	if (sbx_array_grow(&out->classes, out->n_classes, sizeof(*class)))
		return -ENOMEM;
	*ret_id = (__u32)out->n_classes;
	out->classes[out->n_classes++] = *class;
	n->buckets[at] = *ret_id + 1;
	return 0;
}

static int add_prefix(struct net *n, const struct sbx_prefix *prefix, __u32 class_id)
{
	struct sbx_compiled *out = n->c->out;
	struct sbx_prefix_entry entry = {
		.key = { .prefixlen = DIR_BITS + prefix->len, .dir = n->dir },
		.class_id = class_id,
	};

	memcpy(entry.key.addr, prefix->addr, sizeof(entry.key.addr));
	if (sbx_array_grow(&out->prefixes, out->n_prefixes, sizeof(entry)))
		return -ENOMEM;
	out->prefixes[out->n_prefixes++] = entry;
	return 0;
}

static int too_many(struct net *n, const struct item *item)
{
	const struct sbx_policy *policy = n->c->policy;
	const struct sbx_place *place = &policy->nets[policy->n_nets - 1].place;
	char text[SBX_ADDRESS_TEXT];

	/* What is built in has no line; without rules of the policy nothing comes to that many. */
	if (item->rule && item->rule->place.file)
		place = &item->rule->place;

	sbx_diag_add(n->c->diags, SBX_DIAG_ERROR, "too-many-ranges", place->file, place->line,
		     place->column, "the rules for `%s` make more than %d ranges of ports",
		     sbx_prefix_format(&item->prefix, text, sizeof(text)), SBX_RANGES_MAX);
	return 0; /* one fault; the other prefixes are still looked at */
}

/* Denies first, so that they win; what is built in last, so that it yields. */
static int overlay_pass(struct sbx_ports *ports, const struct item *items, size_t n_items,
			bool deny, bool weak, const struct item **ret_last)
{
	for (size_t i = 0; i < n_items; i++) {
		const struct sbx_net_rule *rule = items[i].rule;

		if (!rule || rule->deny != deny || items[i].weak != weak)
			continue;
		*ret_last = &items[i];
		for (size_t k = 0; k < rule->n_ports; k++) {
			if (sbx_ports_overlay(ports, &rule->ports[k], rule->protos, !deny,
					      items[i].ref))
				return -E2BIG;
		}
	}
	return 0;
}

/* Is IPv4's root, which holds what IPv6 prefixes above it say nothing about? */
static bool is_v4_root(const struct sbx_prefix *prefix)
{
	return prefix->len == SBX_V4_BITS && sbx_prefix_is_v4(prefix);
}

/* All rules of one prefix. */
static int compile_prefix(struct net *n, const struct item *items, size_t n_items)
{
	const struct sbx_prefix *prefix = &items[0].prefix;
	const struct item *last = NULL;
	struct sbx_class class;
	struct level *level, *above;
	bool is_root;
	int r;

	while (n->depth && !sbx_prefix_holds(&n->stack[n->depth - 1].prefix, prefix->addr))
		n->depth--;
	above = n->depth ? &n->stack[n->depth - 1] : NULL;
	level = &n->stack[n->depth++];
	level->prefix = *prefix;
	is_root = !above || is_v4_root(prefix);
	if (is_root)
		sbx_ports_init(&level->ports, n->allow);
	else
		sbx_ports_inherit(&level->ports, &above->ports);
	r = overlay_pass(&level->ports, items, n_items, true, false, &last);
	if (!r)
		r = overlay_pass(&level->ports, items, n_items, false, false, &last);
	if (!r)
		r = overlay_pass(&level->ports, items, n_items, true, true, &last);
	if (!r)
		r = sbx_ports_emit(&level->ports, &class);
	if (r == -E2BIG)
		return too_many(n, last ? last : items);
	if (class_find(n, &class, &level->class_id))
		return -ENOMEM;
	/* Where nothing changes, the longest match may as well be the one above. */
	if (!is_root && level->class_id == above->class_id)
		return 0;
	return add_prefix(n, prefix, level->class_id);
}

static int compile_items(struct net *n, struct items *items)
{
	int r = 0;

	qsort(items->items, items->n, sizeof(*items->items), compare_items);
	for (size_t i = 0, end; i < items->n && !r; i = end) {
		for (end = i + 1; end < items->n; end++) {
			if (sbx_prefix_compare(&items->items[i].prefix, &items->items[end].prefix))
				break;
		}
		r = compile_prefix(n, &items->items[i], end - i);
	}
	return r;
}

/* Adds the named set as if `rule` named it. */
static int add_set(struct items *items, const char *name, const struct sbx_net_rule *rule,
		   size_t ref, bool weak)
{
	const struct sbx_address_set *set = sbx_address_set(name);
	int r = 0;

	for (size_t i = 0; set->prefixes[i] && !r; i++) {
		struct sbx_prefix prefix = { 0 };

		(void)sbx_prefix_parse(set->prefixes[i], &prefix); /* a unit test reads them all */
		r = add_item(items, &prefix, rule, ref, weak);
	}
	return r;
}

static struct sbx_port_range all_ports[] = { { 0, 65535 } };
static struct sbx_port_range dns_port[] = { { SBX_DNS_PORT, SBX_DNS_PORT } };
static const struct sbx_net_rule allow = { .protos = SBX_PROTO_ANY,
					   .ports = all_ports,
					   .n_ports = 1 };
static const struct sbx_net_rule allow_dns = { .protos = SBX_PROTO_ANY,
					       .ports = dns_port,
					       .n_ports = 1 };
static const struct sbx_net_rule deny = {
	.protos = SBX_PROTO_ALL, .ports = all_ports, .n_ports = 1, .deny = true
};

/*
 * What the mode itself says, and the DNS servers; the three references follow those of the
 * policy's rules.
 */
static int add_mode_rules(struct net *n, struct items *items)
{
	const struct sbx_job *job = &n->c->out->job;
	size_t ref = n->c->policy->n_nets;
	int r = add_set(items, "@metadata", &deny, ref, true);

	if (!r && n->c->policy->net_mode == SBX_NET_INTERNAL) {
		r = add_set(items, "@loopback", &allow, ref + 1, false);
		if (!r)
			r = add_set(items, "@private", &allow, ref + 1, false);
	}
	for (__u32 i = 0; i < job->n_resolvers && !r; i++) {
		struct sbx_prefix prefix = { .len = 128 };

		memcpy(prefix.addr, job->resolvers[i], sizeof(prefix.addr));
		r = add_item(items, &prefix, &allow_dns, ref + 2, false);
	}
	return r;
}

/* An IPv4 prefix as it is reached through NAT64 and 6to4: what is closed there is closed here. */
static int add_tunnelled(struct items *items, const struct sbx_prefix *prefix)
{
	static const __u8 nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	struct sbx_prefix through = { .len = prefix->len };
	int r;

	if (!sbx_prefix_is_v4(prefix))
		return 0;
	memcpy(through.addr, nat64, sizeof(nat64));
	memcpy(through.addr + 12, prefix->addr + 12, 4);
	r = add_item(items, &through, &deny, 0, false);
	through = (struct sbx_prefix){ .addr = { 0x20, 0x02 }, .len = (__u8)(prefix->len - 80) };
	memcpy(through.addr + 2, prefix->addr + 12, 4);
	return r ? r : add_item(items, &through, &deny, 0, false);
}

/*
 * Addresses that no DNS answer opens, whatever its name: a name's owner could aim the job at what
 * its host can reach (rebinding).  A rule that names the address does open it.
 */
static int add_closed(struct items *items)
{
	static const char *const sets[] = { "@metadata", "@loopback", "@private", "@linklocal",
					    "@multicast" };
	static const char *const reserved[] = { "0.0.0.0/8",   "192.0.0.0/24", "198.18.0.0/15",
						"240.0.0.0/4", "::/96",	       "fec0::/10" };
	size_t first = items->n;
	int r = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(sets) && !r; i++)
		r = add_set(items, sets[i], &deny, 0, false);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(reserved) && !r; i++) {
		struct sbx_prefix prefix = { 0 };

		(void)sbx_prefix_parse(reserved[i], &prefix); /* a unit test looks them up */
		r = add_item(items, &prefix, &deny, 0, false);
	}
	for (size_t i = first, n = items->n; i < n && !r; i++) {
		struct sbx_prefix prefix = items->items[i].prefix;

		r = add_tunnelled(items, &prefix);
	}
	return r;
}

static int collect(struct net *n, struct items *items)
{
	static const struct sbx_prefix roots[] = {
		{ .len = 0 },
		{ .addr = { [10] = 0xff, [11] = 0xff }, .len = SBX_V4_BITS },
	};
	const struct sbx_policy *policy = n->c->policy;
	int r = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(roots) && !r; i++)
		r = add_item(items, &roots[i], NULL, 0, true);
	if (policy->net_mode == SBX_NET_NONE)
		return r;
	if (n->dir == SBX_DIR_GRANT)
		return r ? r : add_closed(items);
	for (size_t i = 0; i < policy->n_nets && !r; i++) {
		const struct sbx_net_rule *rule = &policy->nets[i];

		for (size_t k = 0; k < rule->to.n && rule->dir == n->dir && !r; k++)
			r = add_item(items, &rule->to.prefixes[k], rule, i, false);
	}
	if (!r && n->dir == SBX_DIR_OUT)
		r = add_mode_rules(n, items);
	return r;
}

static int compile_direction(struct net *n, enum sbx_direction dir)
{
	sbx_cleanup(items_free) struct items items = { 0 };
	int r;

	n->dir = dir;
	n->depth = 0;
	r = collect(n, &items);
	return r ? r : compile_items(n, &items);
}

int sbx_compile_net(struct sbx_compiler *c)
{
	sbx_cleanup(sbx_freep) struct level *stack = calloc(STACK_MAX, sizeof(*stack));
	sbx_cleanup(sbx_freep) __u32 *buckets = NULL;
	struct net n = {
		.c = c,
		.allow = c->policy->net_mode == SBX_NET_FULL,
		.stack = stack,
		.n_buckets = 256,
	};
	size_t n_prefixes = 256; /* the roots and the built-in sets, for each direction */
	int r;

	for (size_t i = 0; i < c->policy->n_nets; i++)
		n_prefixes += c->policy->nets[i].to.n;
	while (n.n_buckets < 2 * n_prefixes)
		n.n_buckets *= 2;
	buckets = calloc(n.n_buckets, sizeof(*buckets));
	if (!stack || !buckets)
		return -ENOMEM;
	n.buckets = buckets;
	r = compile_direction(&n, SBX_DIR_OUT);
	if (!r)
		r = compile_direction(&n, SBX_DIR_LISTEN);
	if (r || !(c->out->job.dns & SBX_DNS_NAMES))
		return r;
	n.allow = true;
	return compile_direction(&n, SBX_DIR_GRANT);
}

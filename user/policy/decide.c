// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's decisions, made on the host from the same entries in the same way: a walk down the
 * edges (bpf/trie.bpf.c), one longest-prefix look-up.  And the line that decided an event.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/compiler.h"

#define DIR_BITS 32 /* of sbx_prefix_key before the address */

/* A walk in progress, as struct sbx_walk in the kernel. */
struct walk {
	const struct sbx_compiled *compiled;
	__u32 node;
	__u32 flags;
	__u16 allowed;
	__u16 exact;
	__u16 any_denied;
	__u32 any_nodes[SBX_RIGHTS_MAX]; /* the last `**` deny that took each right */
	__u32 any_state;
	__u32 any_base; /* with SBX_ANY_STAR */
	bool lost;
};

static int compare_edge(const void *key, const void *entry)
{
	return sbx_edge_key_compare(key, &((const struct sbx_edge_entry *)entry)->key);
}

static const struct sbx_edge *edge_lookup(const struct sbx_compiled *compiled,
					  const struct sbx_edge_key *key)
{
	const struct sbx_edge_entry *entry = NULL;

	if (compiled->n_edges)
		entry = bsearch(key, compiled->edges, compiled->n_edges, sizeof(*compiled->edges),
				compare_edge);
	return entry ? &entry->value : NULL;
}

/* The edge of a whole component, over all its chunks. */
static const struct sbx_edge *edge_find(const struct sbx_compiled *compiled, __u32 node,
					const char *name, size_t len)
{
	for (;;) {
		struct sbx_edge_key key = sbx_edge_key_make(node, name, len);
		const struct sbx_edge *edge = edge_lookup(compiled, &key);

		if (!edge || len <= SBX_NAME_CHUNK)
			return edge;
		node = edge->node;
		name += SBX_NAME_CHUNK;
		len -= SBX_NAME_CHUNK;
	}
}

static void any_found(struct walk *w, const struct sbx_edge *edge)
{
	if (!edge || !edge->allowed)
		return;
	w->any_denied |= edge->allowed;
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (edge->allowed & (1u << bit))
			w->any_nodes[bit] = edge->node;
	}
}

/* The filters are the kernel's, so that a wrong one shows in tests here. */
static bool may_be_named(const struct sbx_job *job, const char *name, size_t len)
{
	unsigned char first = (unsigned char)*name;

	return (job->any_lens >> (len > 63 ? 63 : len) & 1) &&
	       (job->any_first[first / 64] >> (first % 64) & 1);
}

/* Endings that are denied here: the state's, else its base's. */
static void any_ext(struct walk *w, const char *name, size_t len)
{
	const char *dot = memrchr(name, '.', len);
	size_t ext = dot ? len - 1 - (size_t)(dot - name) : 0;
	__u32 node = w->any_state;

	if (!ext || ext > 7 || !(w->compiled->job.any_exts >> ext & 1))
		return;
	for (int i = 0; i < 2; i++) {
		struct sbx_edge_key key = sbx_edge_key_make(node, dot + 1, ext);
		const struct sbx_edge *edge;

		key.len |= SBX_LEN_EXT;
		edge = edge_lookup(w->compiled, &key);
		any_found(w, edge);
		if (edge)
			return;
		node = w->any_base & ~SBX_ANY_STAR;
	}
}

/* `**` denies: one step of their automaton. */
static void any_step(struct walk *w, const char *name, size_t len)
{
	__u32 base = w->any_base & ~SBX_ANY_STAR;
	const struct sbx_edge *edge = NULL;
	bool named = may_be_named(&w->compiled->job, name, len);

	any_ext(w, name, len);
	if (named)
		edge = edge_find(w->compiled, w->any_state, name, len);
	if (!edge && (w->any_base & SBX_ANY_STAR))
		edge = edge_find(w->compiled, w->any_state, "", 0);
	else if (!edge && named && w->any_state != base)
		edge = edge_find(w->compiled, base, name, len);
	any_found(w, edge);
	w->any_state = edge ? edge->node : base;
	w->any_base = edge ? edge->flags : base;
}

static void trie_step(struct walk *w, const char *name, size_t len)
{
	const struct sbx_edge *edge = NULL;

	if (!(w->flags & SBX_EDGE_LEAF)) {
		edge = edge_find(w->compiled, w->node, name, len);
		if (!edge && (w->flags & SBX_EDGE_STAR))
			edge = edge_find(w->compiled, w->node, "", 0);
	}
	if (!edge) {
		w->lost = true;
		return;
	}
	w->node = edge->node;
	w->flags = edge->flags;
	w->allowed = edge->allowed;
	w->exact = edge->exact;
}

/* `path` need not end with a zero. */
static struct walk walk_path(const struct sbx_compiled *compiled, const char *path, size_t size)
{
	const char *end = path + size;
	struct walk w = {
		.compiled = compiled,
		.node = SBX_NODE_ROOT,
		.flags = compiled->job.root_flags,
		.allowed = compiled->job.root_allowed,
		.any_state = SBX_NODE_ANY,
		.any_base = SBX_NODE_ANY,
	};

	if (compiled->job.flags & SBX_JOB_ANY_START)
		w.any_state = SBX_NODE_ANY_START;
	if (compiled->job.flags & SBX_JOB_ANY_STAR)
		w.any_base |= SBX_ANY_STAR;
	while (path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		size_t len = (size_t)((slash ? slash : end) - path);

		if (len && !w.lost)
			trie_step(&w, path, len);
		if (len)
			any_step(&w, path, len);
		path += len + (slash != NULL);
	}
	if (!w.lost)
		w.any_denied &= (__u16)~w.exact;
	return w;
}

__u16 sbx_compiled_path(const struct sbx_compiled *compiled, const char *path)
{
	struct walk w = walk_path(compiled, path, strlen(path));

	return (__u16)(w.allowed & ~w.any_denied);
}

/* The `**` deny that took one of the rights; 0: none. */
static __u32 any_decider(const struct walk *w, __u32 rights)
{
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (rights & w->any_denied & (1u << bit))
			return w->any_nodes[bit];
	}
	return 0;
}

__u32 sbx_compiled_node(const struct sbx_compiled *compiled, const char *path, __u32 rights)
{
	struct walk w = walk_path(compiled, path, strlen(path));
	__u32 any = any_decider(&w, rights & w.allowed);

	return any ? any : w.node;
}

/* The edge of the label before `end` of a domain, and where the label begins. */
static const struct sbx_edge *label_find(const struct sbx_compiled *compiled, __u32 node,
					 const char *domain, const char **end)
{
	const char *dot = memrchr(domain, '.', (size_t)(*end - domain));
	const char *label = dot ? dot + 1 : domain;
	const struct sbx_edge *edge = edge_find(compiled, node, label, (size_t)(*end - label));

	*end = dot ? dot : domain;
	return edge;
}

__u32 sbx_compiled_domain(const struct sbx_compiled *compiled, const char *domain)
{
	const char *end = domain + strlen(domain);
	__u32 node = SBX_NODE_DOMAINS, found = 0, below = 0;

	while (end > domain) {
		const struct sbx_edge *edge = label_find(compiled, node, domain, &end);

		if (below)
			found = below;
		if (!edge)
			break;
		if (end == domain && edge->name_class)
			found = edge->name_class;
		below = edge->below_class;
		node = edge->node;
	}
	return found;
}

static int compare_prefix(const void *key, const void *entry)
{
	return sbx_prefix_key_compare(key, &((const struct sbx_prefix_entry *)entry)->key);
}

/* The longest prefix that holds the address. */
static const struct sbx_class *class_find(const struct sbx_compiled *compiled,
					  enum sbx_direction dir, const __u8 addr[16])
{
	struct sbx_prefix_key key = { .dir = dir };
	const struct sbx_prefix_entry *entry = NULL;

	memcpy(key.addr, addr, sizeof(key.addr));
	for (unsigned int len = 128;; len--) {
		key.prefixlen = DIR_BITS + len;
		if (len % 8)
			key.addr[len / 8] &= (__u8)(0xff00u >> len % 8);
		else if (len < 128)
			key.addr[len / 8] = 0;
		entry = bsearch(&key, compiled->prefixes, compiled->n_prefixes, sizeof(*entry),
				compare_prefix);
		if (entry || !len)
			break;
	}
	return entry ? &compiled->classes[entry->class_id] : NULL;
}

/* The first range that matches, as the kernel finds it, or NULL. */
static const struct sbx_range *range_find(const struct sbx_class *class, __u8 proto, __u16 port)
{
	for (__u32 i = 0; class && i < class->n; i++) {
		const struct sbx_range *range = &class->ranges[i];

		if (port >= range->lo && port <= range->hi && (range->protos & proto))
			return range;
	}
	return NULL;
}

bool sbx_compiled_name(const struct sbx_compiled *compiled, const char *domain, __u8 proto,
		       __u16 port, __u32 *ret_rule)
{
	__u32 number = sbx_compiled_domain(compiled, domain);
	const struct sbx_class *class = number ? &compiled->classes[number - 1] : NULL;
	const struct sbx_range *range = class && class->n ? &class->ranges[0] : NULL;
	bool allowed = range != NULL;

	if (range && proto) {
		const struct sbx_range *found = range_find(class, proto, port);

		allowed = found && found->allow;
		range = found ? found : range; /* the name's rule, which does not open the port */
	}
	*ret_rule = range ? range->rule : SBX_RULE_NONE;
	return allowed;
}

bool sbx_compiled_address(const struct sbx_compiled *compiled, enum sbx_direction dir,
			  const __u8 addr[16], __u8 proto, __u16 port, __u32 *ret_rule)
{
	const struct sbx_range *range = range_find(class_find(compiled, dir, addr), proto, port);

	if (ret_rule)
		*ret_rule = range ? range->rule : SBX_RULE_NONE;
	return range && range->allow;
}

bool sbx_compiled_socket(const struct sbx_compiled *compiled, unsigned int family,
			 unsigned int type)
{
	const struct sbx_job *job = &compiled->job;

	if (family > 63 || !(job->families >> family & 1))
		return false;
	if (family != AF_INET && family != AF_INET6)
		return true;
	return (type == SOCK_STREAM && (job->sockets & SBX_SOCK_TCP)) ||
	       (type == SOCK_DGRAM && (job->sockets & SBX_SOCK_UDP));
}

/* The nearest node upwards that says something about a missing right. */
static const struct sbx_rule_ref *path_decider(const struct sbx_compiled *compiled, __u32 node,
					       __u32 rights)
{
	while (node && node < compiled->n_nodes) {
		for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
			int rule = compiled->nodes[node].rule[bit];

			if ((rights & (1u << bit)) && rule >= 0)
				return &compiled->rules[rule];
		}
		node = compiled->nodes[node].parent;
	}
	return &compiled->fs_default;
}

static const struct sbx_rule_ref *pin_decider(const struct sbx_compiled *compiled, __u32 node)
{
	for (size_t i = 0; i < compiled->n_pinned; i++) {
		if (compiled->pinned[i].node == node)
			return &compiled->programs[compiled->pinned[i].program].ref;
	}
	return &compiled->fs_default; /* of another policy's event: no node of ours */
}

static bool is_network(const struct sbx_event *event)
{
	switch (event->op) {
	case SBX_OP_SOCKET:
	case SBX_OP_BIND:
	case SBX_OP_LISTEN:
	case SBX_OP_CONNECT:
	case SBX_OP_SEND:
	case SBX_OP_DNS:
		return true;
	default:
		return event->object == SBX_OBJECT_ADDRESS || event->reason == SBX_REASON_FAMILY;
	}
}

/*
 * An event has room for one node.  Where several `**` denies took rights of one path, it may be the
 * one of another right: the path tells.  One that is cut off or folded tells nothing.
 */
static __u32 node_of(const struct sbx_compiled *compiled, const struct sbx_event *event,
		     size_t size)
{
	__u32 any = 0;

	if (event->reason == SBX_REASON_RULE && event->object == SBX_OBJECT_PATH &&
	    !(event->flags & SBX_EVENT_TRUNCATED) && size >= sizeof(*event) &&
	    event->path_len <= size - sizeof(*event)) {
		struct walk w = walk_path(compiled, event->path, event->path_len);

		any = any_decider(&w, event->rights & w.allowed);
	}
	return any ? any : event->node;
}

/* What is denied below decided, and not the name itself. */
static const struct sbx_rule_ref *below_decider(const struct sbx_compiled *compiled,
						const struct sbx_event *event)
{
	if (event->reason != SBX_REASON_DIR_MOVE && event->reason != SBX_REASON_REDIRECT)
		return NULL;
	if (event->node >= compiled->n_nodes || compiled->nodes[event->node].below < 0)
		return NULL;
	return &compiled->rules[compiled->nodes[event->node].below];
}

const struct sbx_rule_ref *sbx_compiled_decider(const struct sbx_compiled *compiled,
						const struct sbx_event *event, size_t size)
{
	const struct sbx_rule_ref *below = below_decider(compiled, event);

	/* A rule refused it, and a guard only gave it a name: then the rule is the line. */
	if (event->guard && event->guard < SBX_GUARDS_MAX && event->reason != SBX_REASON_RULE)
		return &compiled->guards[event->guard];
	if (event->reason == SBX_REASON_PIN)
		return pin_decider(compiled, event->node);
	if (event->reason == SBX_REASON_RESOLVER && compiled->n_net_rules)
		return &compiled->rules[compiled->n_net_rules - 1]; /* `dns`, the last of them */
	if (event->rule < compiled->n_net_rules)
		return &compiled->rules[event->rule];
	if (is_network(event))
		return &compiled->net_default;
	return below ? below
		     : path_decider(compiled, node_of(compiled, event, size), event->rights);
}

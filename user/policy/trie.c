// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths -> the deterministic trie that the kernel follows.  The source trie holds the paths as
 * written, `*` a child among others.  Walking it, each emitted node stands for the set of source
 * nodes that its path can match, the most specific first: the kernel follows one edge and needs
 * no second try.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/compiler.h"
#include "policy/parse.h"

#define EXEC_BIT 5	    /* of SBX_RIGHT_EXEC */
#define MEMBERS_MAX 4000000 /* source nodes visited in all: bounds time where `*` multiplies */

_Static_assert(1 << EXEC_BIT == SBX_RIGHT_EXEC, "the bit of exec");

/* A node of the source trie.  Children are sorted by name length, then bytes: `*` comes first. */
struct source {
	const char *name; /* points into its path; len 0: `*` */
	size_t len;
	bool wild;			  /* a `*` stands on the way here */
	bool own;			  /* what sbx-bpf itself writes */
	size_t program;			  /* see sbx_trie_path */
	const struct sbx_path_rule *rule; /* first one through here, for messages */
	struct sbx_node says;
	struct source **kids;
	size_t n_kids;
};

struct builder {
	struct sbx_compiler *c;
	struct sbx_compiled *out;
	__u16 any_denied;
	size_t n_members;
};

/* The set of source nodes that one emitted node stands for. */
struct set {
	const char *name; /* last component of its path; len 0: `*` */
	size_t len;
	const struct source **nodes;
	size_t n;
	__u32 id;
	__u16 allowed;
	bool program; /* `exec` comes from a rule that does not give `write` */
	bool own;     /* what sbx-bpf itself writes */
};

/* Names of one length side by side, so that chunk chains that share a start are neighbours. */
static int compare_names(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

/* Where the component ends.  Names are short: a loop is quicker than a call. */
static size_t name_len(const char *name)
{
	size_t len = 0;

	while (name[len] && name[len] != '/')
		len++;
	return len;
}

/* Steps over one component; *name stays inside the path. False at its end. */
static bool next_name(const char **at, const char **ret_name, size_t *ret_len)
{
	if (**at != '/')
		return false;
	*ret_name = *at + 1;
	*ret_len = name_len(*ret_name);
	*at = *ret_name + *ret_len;
	return true;
}

/* Component by component, as compare_names() has it; all that both share is passed over at once. */
static int compare_paths(const void *pa, const void *pb)
{
	const struct sbx_trie_path *a = pa, *b = pb;
	const char *at_a = a->path, *at_b = b->path;
	size_t start = 0, i = 0;

	for (; at_a[i] == at_b[i]; i++) {
		if (!at_a[i])
			return a->ref - b->ref;
		if (at_a[i] == '/')
			start = i + 1;
	}
	/* One path goes on where the other ends: then the shorter one is first. */
	if ((!at_a[i] && at_b[i] == '/') || (!at_b[i] && at_a[i] == '/'))
		return at_a[i] ? 1 : -1;
	return compare_names(at_a + start, name_len(at_a + start), at_b + start,
			     name_len(at_b + start));
}

static void source_free(struct source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->n_kids; i++)
		source_free(source->kids[i]);
	free(source->kids);
	free(source);
}

static void source_freep(struct source **source)
{
	source_free(*source);
	*source = NULL;
}

static struct source *source_new(const char *name, size_t len, bool wild,
				 const struct sbx_path_rule *rule)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	*source = (struct source){ .name = name, .len = len, .wild = wild, .rule = rule };
	for (size_t bit = 0; bit < SBX_RIGHTS_MAX; bit++)
		source->says.rule[bit] = -1;
	return source;
}

/* Paths come sorted, so a name that exists already is the last child's. */
static int source_insert(struct source *at, const struct sbx_trie_path *path)
{
	const char *rest = path->path, *name;
	size_t len;

	while (next_name(&rest, &name, &len)) {
		struct source *last = at->n_kids ? at->kids[at->n_kids - 1] : NULL;

		if (!last || compare_names(last->name, last->len, name, len)) {
			last = source_new(name, len, at->wild || !len, path->rule);
			if (!last || sbx_array_grow(&at->kids, at->n_kids, sizeof(last))) {
				source_free(last);
				return -ENOMEM;
			}
			at->kids[at->n_kids++] = last;
		}
		at = last;
	}
	if (path->program)
		at->program = path->program;
	else
		sbx_node_note(&at->says, path->rule->deny, path->rule->rights, path->ref);
	at->own |= path->rule->own;
	return 0;
}

static const struct source *find_kid(const struct source *source, const char *name, size_t len)
{
	size_t lo = 0, hi = source->n_kids;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct source *kid = source->kids[mid];
		int r = compare_names(name, len, kid->name, kid->len);

		if (!r)
			return kid;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/*
 * What holds at an emitted node: of its source nodes, the first that mentions a right decides.
 * Returns what its `exact` must say.
 */
static __u16 node_decide(struct builder *b, struct set *set)
{
	struct sbx_node *node = &b->out->nodes[set->id];
	__u16 decided = 0, exact = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct source *source = set->nodes[i];
		__u16 allow = (__u16)(source->says.allow & ~decided);
		__u16 deny = (__u16)(source->says.deny & ~decided);

		for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
			if ((allow | deny) & (1u << bit))
				node->rule[bit] = source->says.rule[bit];
		}
		node->allow |= allow;
		node->deny |= deny;
		decided |= allow | deny;
		if (!source->wild)
			exact |= source->says.allow;
	}
	set->allowed = (__u16)((set->allowed | node->allow) & ~node->deny);
	return (__u16)(exact & ~node->deny);
}

/* Whose `exec` it is; what another node said above holds on. */
static void program_decide(const struct builder *b, struct set *set)
{
	const struct sbx_node *node = &b->out->nodes[set->id];
	int rule = node->rule[EXEC_BIT];

	if (rule < 0)
		return;
	rule -= (int)b->c->first_path_rule;
	set->program = (node->allow & SBX_RIGHT_EXEC) &&
		       !(b->c->policy->paths[rule].rights & SBX_RIGHT_WRITE);
}

/* What lies in sbx-bpf's own folders is its own, but for what a rule lets the job write. */
static void own_decide(const struct builder *b, struct set *set)
{
	if (b->out->nodes[set->id].allow & SBX_RIGHT_WRITE)
		set->own = false;
	for (size_t i = 0; i < set->n; i++)
		set->own |= set->nodes[i]->own;
}

/* Notes a pinned node, and marks its edge. */
static int pin_node(struct builder *b, const struct set *set, __u32 *flags)
{
	struct sbx_compiled *out = b->out;

	if (set->program)
		*flags |= SBX_EDGE_PROGRAM;
	if (set->own)
		*flags |= SBX_EDGE_OWN;
	for (size_t i = 0; i < set->n; i++) {
		if (!set->nodes[i]->program)
			continue;
		if (sbx_array_grow(&out->pinned, out->n_pinned, sizeof(*out->pinned)))
			return -ENOMEM;
		out->pinned[out->n_pinned++] =
			(struct sbx_pinned_node){ .node = set->id,
						  .program = (__u32)set->nodes[i]->program - 1 };
		*flags |= SBX_EDGE_PINNED;
		return 0;
	}
	return 0;
}

static int too_many(struct builder *b, const struct set *set)
{
	const struct sbx_path_rule *rule = set->nodes[0]->rule;
	const char *file;

	for (size_t i = 0; i < set->n; i++) {
		if (set->nodes[i]->wild)
			rule = set->nodes[i]->rule;
	}
	file = rule ? rule->place.file : "";
	sbx_diag_add(b->c->diags, SBX_DIAG_ERROR, "too-many-nodes", file,
		     rule ? rule->place.line : 0, rule ? rule->place.column : 0,
		     "the paths make more than %d nodes%s", SBX_NODES_MAX,
		     rule && strchr(rule->path, '*') ? ": fewer `*` beside other rules help" : "");
	return -EINVAL;
}

__u32 sbx_chain_emit(struct sbx_compiled *out, __u32 parent, __u16 allowed, struct sbx_chain *chain,
		     const char **name, size_t *len)
{
	size_t whole = *len, start = 0;
	bool shared = chain->name && chain->len == whole;
	__u32 node = parent;

	for (size_t i = 1; whole - start > SBX_NAME_CHUNK; i++, start += SBX_NAME_CHUNK) {
		struct sbx_edge_key key = sbx_edge_key_make(node, *name + start, whole - start);
		struct sbx_edge edge = { .allowed = allowed, .flags = SBX_EDGE_PARTIAL };

		shared = shared && !memcmp(chain->name + start, *name + start, SBX_NAME_CHUNK);
		if (!shared) {
			edge.node = sbx_compiled_add_node(out, node);
			if (!edge.node || sbx_compiled_add_edge(out, &key, &edge))
				return 0;
			chain->nodes[i] = edge.node;
		}
		node = chain->nodes[i];
	}
	chain->name = *name;
	chain->len = whole;
	*name += start;
	*len = whole - start;
	return node;
}

static int emit_node(struct builder *b, struct set *set, __u32 *ret_flags);

/* The line below `node` that takes a right away: one of the child's own, or below that. */
static void note_below(struct builder *b, __u32 node, const struct sbx_edge *child, __u16 taken)
{
	int below = b->out->nodes[child->node].below;

	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (taken & (1u << bit))
			below = b->out->nodes[child->node].rule[bit];
	}
	b->out->nodes[node].below = below;
}

/* Emits a set's edge and all that lies below it; *flags are its parent's. */
static int emit_child(struct builder *b, const struct set *parent, struct sbx_chain *chain,
		      struct set *set, __u32 *flags)
{
	const char *name = set->name;
	size_t len = set->len;
	struct sbx_edge edge = { 0 };
	struct sbx_edge_key key;
	__u32 node;
	__u16 taken;
	size_t at;
	int r;

	b->n_members += set->n;
	if (b->out->n_nodes >= SBX_NODES_MAX || b->n_members > MEMBERS_MAX)
		return too_many(b, set);
	node = sbx_chain_emit(b->out, parent->id, parent->allowed, chain, &name, &len);
	if (!node)
		return -ENOMEM;
	key = sbx_edge_key_make(node, name, len);
	edge.node = sbx_compiled_add_node(b->out, node);
	at = b->out->n_edges;
	if (!edge.node || sbx_compiled_add_edge(b->out, &key, &edge))
		return -ENOMEM;
	set->id = edge.node;
	set->allowed = parent->allowed;
	set->program = parent->program;
	set->own = parent->own;
	edge.exact = node_decide(b, set);
	program_decide(b, set);
	own_decide(b, set);
	edge.allowed = set->allowed;
	r = emit_node(b, set, &edge.flags);
	if (!r)
		r = pin_node(b, set, &edge.flags);
	b->out->edges[at].value = edge;
	if (edge.allowed != parent->allowed || (edge.exact & b->any_denied) ||
	    (edge.flags & (SBX_EDGE_UNIFORM | SBX_EDGE_PINNED)) != SBX_EDGE_UNIFORM)
		*flags &= ~(__u32)SBX_EDGE_UNIFORM;
	taken = (__u16)(parent->allowed & ~edge.allowed);
	if (edge.flags & SBX_EDGE_PINNED)
		taken |= SBX_RIGHT_EXEC;
	if (taken || (edge.flags & SBX_EDGE_DENIES)) {
		*flags |= SBX_EDGE_DENIES;
		note_below(b, parent->id, &edge, taken);
	}
	return r;
}

/* Source nodes below `parent` that the set's name can match: the name itself, then `*`. */
static void set_below(const struct set *parent, struct set *set)
{
	for (size_t i = 0; i < parent->n; i++) {
		const struct source *kid =
			set->len ? find_kid(parent->nodes[i], set->name, set->len) : NULL;
		const struct source *star = find_kid(parent->nodes[i], "", 0);

		if (kid)
			set->nodes[set->n++] = kid;
		if (star)
			set->nodes[set->n++] = star;
	}
}

/* The next name after `name` among the children of all members; false when there is none. */
static bool next_kid(const struct set *set, size_t *cursors, const char **ret_name, size_t *ret_len)
{
	const struct source *best = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct source *source = set->nodes[i];
		const struct source *kid =
			cursors[i] < source->n_kids ? source->kids[cursors[i]] : NULL;

		if (kid && (!best || compare_names(kid->name, kid->len, best->name, best->len) < 0))
			best = kid;
	}
	if (!best)
		return false;
	for (size_t i = 0; i < set->n; i++) {
		const struct source *source = set->nodes[i];
		const struct source *kid =
			cursors[i] < source->n_kids ? source->kids[cursors[i]] : NULL;

		if (kid && !compare_names(kid->name, kid->len, best->name, best->len))
			cursors[i]++;
	}
	*ret_name = best->name;
	*ret_len = best->len;
	return true;
}

/* Everything below a node. Recursion is bounded: paths have at most SBX_DEPTH_MAX components. */
static int emit_node(struct builder *b, struct set *set, __u32 *ret_flags)
{
	sbx_cleanup(sbx_freep) const struct source **nodes = calloc(set->n * 2, sizeof(*nodes));
	sbx_cleanup(sbx_freep) size_t *cursors = calloc(set->n, sizeof(*cursors));
	struct sbx_chain chain = { 0 };
	__u32 flags = SBX_EDGE_LEAF | SBX_EDGE_UNIFORM;
	const char *name;
	size_t len;

	if (!nodes || !cursors)
		return -ENOMEM;
	while (next_kid(set, cursors, &name, &len)) {
		struct set below = { .name = name, .len = len, .nodes = nodes };
		int r;

		set_below(set, &below);
		flags &= ~(__u32)SBX_EDGE_LEAF;
		if (!len)
			flags |= SBX_EDGE_STAR;
		if (len == 5 && !memcmp(name, "@self", 5))
			flags |= SBX_EDGE_SELF;
		if (sbx_name_is_mixed(name, len))
			flags |= SBX_EDGE_MIXED;
		r = emit_child(b, set, &chain, &below, &flags);
		if (r)
			return r;
	}
	*ret_flags = flags;
	return 0;
}

int sbx_trie_build(struct sbx_compiler *c, struct sbx_trie_paths *paths, __u16 any_denied)
{
	sbx_cleanup(source_freep) struct source *root = source_new("", 0, false, NULL);
	struct builder b = { .c = c, .out = c->out, .any_denied = any_denied };
	const struct source *nodes[1] = { root };
	struct set set = { .nodes = nodes, .n = 1, .id = SBX_NODE_ROOT };
	int r;

	if (!root)
		return -ENOMEM;
	if (paths->n)
		qsort(paths->items, paths->n, sizeof(*paths->items), compare_paths);
	for (size_t i = 0; i < paths->n; i++) {
		if (source_insert(root, &paths->items[i]))
			return -ENOMEM;
	}
	set.allowed = c->policy->fs_default_allow ? SBX_RIGHT_ALL : 0;
	(void)node_decide(&b, &set); /* `/` itself has no edge that could carry `exact` */
	program_decide(&b, &set);
	c->out->job.root_allowed = set.allowed;
	r = emit_node(&b, &set, &c->out->job.root_flags);
	return r ? r : pin_node(&b, &set, &c->out->job.root_flags);
}

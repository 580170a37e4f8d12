// SPDX-License-Identifier: GPL-2.0-only
/*
 * Down the trie along the climbed chain: one look-up a component, stopping at the first
 * component that no edge names.  Edges carry effective rights, so nothing is merged here.
 */
#include "decide.bpf.h"
#include "edge.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct sbx_descent {
	struct sbx_task *t;
	void *edges;
};

/* The edge of a fixed short word below `node`: "@self", or the empty name of a `*`. */
static __always_inline struct sbx_edge *edge_word(struct sbx_descent *c, __u32 node, __u64 word,
						  __u32 len)
{
	struct sbx_edge_key key = { .node = node, .len = len };

	*(__u64 *)key.name = word;
	return bpf_map_lookup_elem(c->edges, &key);
}

static __always_inline bool is_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

static __always_inline void any_found(struct sbx_task *t, const struct sbx_edge *edge)
{
	if (!edge || !edge->allowed)
		return;
	t->walk.any_denied |= edge->allowed;
	t->walk.any_node = edge->node;
}

/* Endings that are denied here: the state's, else its base's. */
static __always_inline bool any_ext(struct sbx_descent *c, const unsigned char *name, __u32 len)
{
	struct sbx_task *t = c->t;
	struct sbx_edge *edge;
	__u8 tail[8] __attribute__((aligned(8)));
	__u32 i;

	/* of a short name this reads what lies before it in the kernel, too, and ignores it */
	if (bpf_probe_read_kernel(tail, sizeof(tail), name + len - sizeof(tail)))
		return false;
	if (t->walk.fold)
		*(__u64 *)tail = sbx_small8(*(__u64 *)tail);
	for (i = 1; i < sizeof(tail) && i < len; i++) {
		__u32 base = t->walk.any_base & ~SBX_ANY_STAR;
		__u64 word;

		if (tail[sizeof(tail) - 1 - i] != '.')
			continue;
		if (!(t->walk.any_exts & (1u << i)))
			return true;
		word = *(__u64 *)tail >> (8 * (sizeof(tail) - i));
		edge = edge_word(c, t->walk.any_state, word, i | SBX_LEN_EXT);
		if (!edge && t->walk.any_state != base)
			edge = edge_word(c, base, word, i | SBX_LEN_EXT);
		any_found(t, edge);
		return true;
	}
	return true;
}

/* `**` denies: one step of their automaton. Filters spare most look-ups. */
static __always_inline bool any_step(struct sbx_descent *c, const unsigned char *name, __u32 len)
{
	struct sbx_task *t = c->t;
	__u32 base = t->walk.any_base & ~SBX_ANY_STAR;
	bool star = t->walk.any_base & SBX_ANY_STAR;
	struct sbx_edge *edge = 0;
	bool bad = false;
	__u8 first = 0;
	int i;

	if (t->walk.fold && (t->walk.any_mixed || t->walk.fold == SBX_FOLD_OPAQUE)) {
		t->walk.end = SBX_WALK_FOLDED;
		return true;
	}
	if (t->walk.any_exts && !any_ext(c, name, len))
		return false;
	if (t->walk.any_lens & (1ull << (len > 63 ? 63 : len))) {
		if (bpf_probe_read_kernel(&first, 1, name))
			return false;
		if (t->walk.fold)
			first = (__u8)sbx_small8(first);
		if (t->walk.any_first[first >> 6] & (1ull << (first & 63))) {
			__u32 node = t->walk.any_state;

			/* the state's own edge, else its base's; beside a `*` it has them all */
			for (i = 0; i < 2; i++) {
				edge = t->walk.fold ? sbx_edge_find_small(t, node, name, len, &bad)
						    : sbx_edge_find(c->edges, node, name, len,
								    false, &bad);
				if (bad)
					return false;
				if (edge || star || node == base)
					break;
				node = base;
			}
		}
	}
	if (!edge && star)
		edge = edge_word(c, t->walk.any_state, 0, 0);
	any_found(t, edge);
	t->walk.any_state = edge ? edge->node : base;
	t->walk.any_base = edge ? edge->flags : base;
	return true;
}

/*
 * The edge of a name that has none, but may be another spelling of one that has: looked for in
 * small letters, as the policy has its names.  Where that cannot tell, and something is denied
 * below the node, there is no answer; else nothing is lost by the rights of the node itself.
 */
static __always_inline struct sbx_edge *edge_folded(struct sbx_task *t, __u32 node, __u32 flags,
						    const unsigned char *name, __u32 len, bool *bad)
{
	if (t->walk.fold != SBX_FOLD_OPAQUE && !(flags & SBX_EDGE_MIXED))
		return sbx_edge_find_small(t, node, name, len, bad);
	if (flags & SBX_EDGE_DENIES)
		t->walk.end = SBX_WALK_FOLDED;
	return 0;
}

/* One component of the trie walk. Returns false when a name could not be read. */
static __always_inline bool trie_step(struct sbx_descent *c, const struct dentry *dentry,
				      const unsigned char *name, __u32 len)
{
	struct sbx_task *t = c->t;
	struct sbx_edge *edge = 0;
	bool bad = false;
	__u32 node = t->walk.node;
	__u32 flags = t->walk.flags;

	if (flags & SBX_EDGE_LEAF) {
		t->walk.lost = 1;
		return true;
	}
	if (flags & SBX_EDGE_SELF) {
		__u8 first = 0;

		if (bpf_probe_read_kernel(&first, 1, name))
			return false;
		if (is_digit(first) && sbx_proc_dir_job(dentry) == t->job)
			edge = edge_word(c, node, 0x666c657340ull /* "@self" */, 5);
	}
	if (!edge)
		edge = sbx_edge_find(c->edges, node, name, len, false, &bad);
	if (!edge && t->walk.fold)
		edge = edge_folded(t, node, flags, name, len, &bad);
	if (bad)
		return false;
	if (!edge && (flags & SBX_EDGE_STAR))
		edge = edge_word(c, node, 0, 0);
	if (!edge) {
		t->walk.lost = 1;
		return true;
	}
	t->walk.node = edge->node;
	t->walk.flags = edge->flags;
	t->walk.allowed = edge->allowed;
	t->walk.exact = edge->exact;
	return true;
}

static __always_inline void note_fold(struct sbx_task *t, const struct dentry *dentry, __u64 name,
				      __u32 len)
{
	enum sbx_fold fold = sbx_fold_of(dentry);

	if (fold && !sbx_name_is_plain(name, len, fold))
		fold = SBX_FOLD_OPAQUE;
	t->walk.fold = fold;
}

static long descend_step(__u32 i, struct sbx_descent *c)
{
	struct sbx_task *t = c->t;
	const struct dentry *dentry;
	struct qstr name = {};
	__u32 n = t->walk.n;
	__u32 len;
	bool ok = true;

	if (!n)
		return 1;
	n--;
	t->walk.n = n;
	dentry = (const void *)t->dentries[n & (SBX_DENTRY_SLOTS - 1)];
	if (bpf_core_read(&name, sizeof(name), &dentry->d_name)) {
		t->walk.end = SBX_WALK_UNREADABLE;
		return 1;
	}
	len = name.hash_len >> 32;
	if (t->walk.folds)
		note_fold(t, dentry, (__u64)name.name, len);
	if (!t->walk.lost)
		ok = trie_step(c, dentry, name.name, len);
	if (ok && (t->walk.any_lens || t->walk.any_exts))
		ok = any_step(c, name.name, len);
	else if (t->walk.lost)
		return 1;
	if (!ok) {
		t->walk.end = SBX_WALK_UNREADABLE;
		return 1;
	}
	return t->walk.end == SBX_WALK_FOLDED;
}

/* What the job's entry says of the root and the filters; the entry may be reused under us. */
static __always_inline __u64 walk_start(struct sbx_task *t)
{
	__u64 id = t->job;
	struct sbx_job *job = sbx_job_get(id);

	if (!job)
		return 0;
	t->walk.node = SBX_NODE_ROOT;
	t->walk.flags = job->root_flags;
	t->walk.allowed = job->root_allowed;
	t->walk.exact = 0;
	t->walk.lost = 0;
	t->walk.any_node = 0;
	t->walk.any_denied = 0;
	t->walk.any_state = job->flags & SBX_JOB_ANY_START ? SBX_NODE_ANY_START : SBX_NODE_ANY;
	t->walk.any_base = SBX_NODE_ANY | (job->flags & SBX_JOB_ANY_STAR ? SBX_ANY_STAR : 0);
	t->walk.any_lens = job->any_lens;
	t->walk.any_exts = job->any_exts;
	t->walk.any_mixed = job->flags & SBX_JOB_ANY_MIXED;
	t->walk.fold = SBX_FOLD_EXACT;
	t->walk.any_first[0] = job->any_first[0];
	t->walk.any_first[1] = job->any_first[1];
	t->walk.any_first[2] = job->any_first[2];
	t->walk.any_first[3] = job->any_first[3];
	t->walk.policy = job->policy;
	return job->id == id ? t->walk.policy : 0;
}

int sbx_descend(struct sbx_task *t)
{
	struct sbx_descent c = { .t = t };
	__u64 policy;

	if (!t)
		return SBX_REASON_INTERNAL;
	switch (t->walk.end) {
	case SBX_WALK_TOP:
		break;
	case SBX_WALK_INTERNAL:
	case SBX_WALK_PSEUDO:
		t->walk.allowed = SBX_RIGHT_ALL;
		t->walk.flags = SBX_EDGE_UNIFORM;
		t->walk.any_state = SBX_NODE_ANY;
		t->walk.any_base = SBX_NODE_ANY;
		return 0;
	case SBX_WALK_DEEP:
		return SBX_REASON_TOO_DEEP;
	case SBX_WALK_DETACHED:
		return SBX_REASON_DETACHED;
	default:
		return SBX_REASON_INTERNAL;
	}
	policy = walk_start(t);
	if (!policy)
		return SBX_REASON_NO_POLICY;
	c.edges = sbx_policy_map(&sbx_edges, policy);
	if (!c.edges)
		return SBX_REASON_NO_POLICY;
	bpf_loop(SBX_DENTRY_SLOTS, descend_step, &c, 0);
	if (t->walk.end == SBX_WALK_FOLDED)
		return SBX_REASON_FOLDED;
	if (t->walk.end != SBX_WALK_TOP)
		return SBX_REASON_INTERNAL;
	/* `exact` and uniform rights hold for the very path only: every component must have
	 * matched. */
	if (t->walk.lost)
		t->walk.exact = 0;
	if (t->walk.lost)
		t->walk.flags =
			SBX_EDGE_UNIFORM | (t->walk.flags & (SBX_EDGE_PROGRAM | SBX_EDGE_OWN));
	/* below are other rights than here, where this name begins what a `**` rule goes on with
	 * ... */
	if (t->walk.any_state != (t->walk.any_base & ~SBX_ANY_STAR)) {
		t->walk.flags &= ~SBX_EDGE_UNIFORM;
		t->walk.flags |= SBX_EDGE_DENIES;
	}
	/* ... or an allow of this very path lifts a `**` deny */
	if (t->walk.any_denied & t->walk.exact)
		t->walk.flags &= ~SBX_EDGE_UNIFORM;
	t->walk.any_denied &= ~t->walk.exact;
	t->walk.allowed &= ~t->walk.any_denied;
	return 0;
}

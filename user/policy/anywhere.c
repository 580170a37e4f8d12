// SPDX-License-Identifier: GPL-2.0-only
/*
 * `**` denies -> one automaton over whole components, of which the kernel follows one edge a
 * component (bpf/trie.bpf.c): the patterns, and the edges.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/automaton.h"
#include "policy/parse.h"

#define LEN_LAST 63	  /* bit of sbx_job.any_lens for this length and all above */
#define WORK_MAX 20000000 /* moves looked at in all: bounds time where patterns multiply */

static void builder_free(struct sbx_any_builder *b)
{
	for (size_t i = 0; i < b->n_bases; i++) {
		free(b->bases[i].loops.items);
		free(b->bases[i].moves.items);
	}
	for (size_t i = 0; i < b->n_states; i++)
		free(b->states[i].extras.items);
	free(b->bases);
	free(b->states);
	free(b->tokens);
}

/* --- tokens ---------------------------------------------------------------------------------- */

static int add_token(struct sbx_any_builder *b, enum sbx_any_kind kind, const char *name,
		     size_t len, const struct sbx_any_path *pattern)
{
	if (sbx_array_grow(&b->tokens, b->n_tokens, sizeof(*b->tokens)))
		return -ENOMEM;
	b->tokens[b->n_tokens++] = (struct sbx_any_token){ kind, name, len, pattern };
	return 0;
}

/* The filters that spare look-ups of components which stand in no pattern. */
static void note_filters(struct sbx_job *job, const struct sbx_any_token *token)
{
	unsigned char first = (unsigned char)*token->name;

	if (sbx_name_is_mixed(token->name, token->len))
		job->flags |= SBX_JOB_ANY_MIXED;
	if (token->kind == SBX_ANY_TOKEN_EXT) {
		job->any_exts |= (__u16)(1u << (token->len & 7));
	} else if (token->kind == SBX_ANY_TOKEN_NAME) {
		job->any_lens |= 1ull << (token->len > LEN_LAST ? LEN_LAST : token->len);
		job->any_first[first / 64] |= 1ull << (first % 64);
	}
}

/* Stars below `literal` bytes of the path are names: that much of it comes from the file tree. */
static int add_pattern(struct sbx_any_builder *b, const struct sbx_any_path *pattern)
{
	const char *name = pattern->path;

	while (*name) {
		size_t len = strcspn(name, "/");
		bool literal = (size_t)(name - pattern->path) < pattern->literal;
		enum sbx_any_kind kind = SBX_ANY_TOKEN_NAME;
		const char *text = name;
		size_t n = len;

		name += len + (name[len] == '/');
		if (!n)
			continue;
		if (!literal && n == 2 && !strncmp(text, "**", 2)) {
			kind = SBX_ANY_TOKEN_ANY;
		} else if (!literal && n == 1 && *text == '*') {
			kind = SBX_ANY_TOKEN_STAR;
		} else if (!literal && !*name && !strncmp(text, "*.", 2)) {
			kind = SBX_ANY_TOKEN_EXT;
			text += 2;
			n -= 2;
		}
		if (add_token(b, kind, text, n, pattern))
			return -ENOMEM;
		note_filters(&b->c->out->job, &b->tokens[b->n_tokens - 1]);
	}
	return add_token(b, SBX_ANY_TOKEN_END, "", 0, pattern);
}

/* --- edges ----------------------------------------------------------------------------------- */

static __u32 base_node(const struct sbx_any_builder *b, const struct sbx_any_state *state)
{
	return b->states[b->bases[state->base].state].node;
}

/* An edge to the state of these positions, under a name or, without one, under any component. */
static int emit_name(struct sbx_any_builder *b, __u32 from, struct sbx_chain *chain,
		     const char *name, size_t len, struct sbx_any_places *places)
{
	__u32 parent = b->states[from].node, to = 0;
	struct sbx_edge_key key;
	struct sbx_edge edge = { 0 };
	__u32 node;
	int r = sbx_any_state_intern(b, b->states[from].base, places, &to);

	if (r)
		return r;
	node = sbx_chain_emit(b->c->out, parent, 0, chain, &name, &len);
	if (!node)
		return -ENOMEM;
	key = sbx_edge_key_make(node, name, len);
	edge.node = b->states[to].node;
	edge.allowed = b->c->out->nodes[edge.node].deny;
	edge.flags = base_node(b, &b->states[to]);
	if (b->states[to].star)
		edge.flags |= SBX_ANY_STAR;
	return sbx_compiled_add_edge(b->c->out, &key, &edge);
}

/* An edge that only says what files of this ending are denied. */
static int emit_ext(struct sbx_any_builder *b, __u32 from, const char *name, size_t len,
		    const struct sbx_any_places *places)
{
	struct sbx_edge_key key = sbx_edge_key_make(b->states[from].node, name, len);
	struct sbx_edge edge = { .node = sbx_compiled_add_node(b->c->out, SBX_NODE_ANY) };

	if (!edge.node)
		return -ENOMEM;
	for (size_t i = 0; i < places->n; i++) {
		const struct sbx_any_path *pattern = b->tokens[places->items[i]].pattern;

		sbx_node_note(&b->c->out->nodes[edge.node], true, pattern->rights, pattern->ref);
	}
	edge.allowed = b->c->out->nodes[edge.node].deny;
	key.len |= SBX_LEN_EXT;
	return sbx_compiled_add_edge(b->c->out, &key, &edge);
}

/* What a state can do besides what its base can: `moves` sorted, `stars` where a `*` leads. */
static int collect(struct sbx_any_builder *b, __u32 at, struct sbx_any_moves *moves,
		   struct sbx_any_places *stars)
{
	const struct sbx_any_state *state = &b->states[at];
	const struct sbx_any_base *base = &b->bases[state->base];
	int r = 0;

	for (size_t i = 0; i < state->extras.n && !r; i++) {
		bool star = false;

		r = sbx_any_moves_add(b, moves, state->extras.items[i], &star);
		if (!r && star)
			r = sbx_any_places_add(stars, state->extras.items[i] + 1);
	}
	/* Beside a `*`, and in the base's own state, each of the base's names has an edge here. */
	for (size_t i = 0; (state->star || !state->extras.n) && i < base->moves.n && !r; i++) {
		r = sbx_array_grow(&moves->items, moves->n, sizeof(*moves->items));
		if (!r)
			moves->items[moves->n++] = base->moves.items[i];
	}
	if (moves->n)
		qsort(moves->items, moves->n, sizeof(*moves->items), sbx_any_moves_compare);
	b->work += moves->n + 1;
	return r;
}

/* Where a name leads: what the state has for it, what its base has, and what `*` takes. */
static int targets_of(struct sbx_any_builder *b, __u32 at, const struct sbx_any_move *group,
		      size_t n, const struct sbx_any_places *stars,
		      struct sbx_any_places *ret_places)
{
	const struct sbx_any_base *base = &b->bases[b->states[at].base];
	const struct sbx_any_move *more;
	size_t n_more = sbx_any_moves_find(&base->moves, group, &more);
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = sbx_any_places_add(ret_places, group[i].to);
	for (size_t i = 0; i < n_more && !r; i++)
		r = sbx_any_places_add(ret_places, more[i].to);
	for (size_t i = 0; group->kind == SBX_ANY_TOKEN_NAME && i < stars->n && !r; i++)
		r = sbx_any_places_add(ret_places, stars->items[i]);
	sbx_any_places_sort(ret_places);
	return r;
}

static int emit_state(struct sbx_any_builder *b, __u32 at)
{
	sbx_cleanup(sbx_any_moves_free) struct sbx_any_moves moves = { 0 };
	sbx_cleanup(sbx_any_places_free) struct sbx_any_places stars = { 0 };
	struct sbx_chain chain = { 0 };
	int r = collect(b, at, &moves, &stars);

	if (!r && b->work > WORK_MAX)
		r = sbx_any_too_many(b, &b->states[at].extras);
	for (size_t i = 0, n; i < moves.n && !r; i += n) {
		sbx_cleanup(sbx_any_places_free) struct sbx_any_places places = { 0 };
		const struct sbx_any_move *group = &moves.items[i];

		for (n = 1; i + n < moves.n && !sbx_any_keys_compare(group, &moves.items[i + n]);
		     n++)
			;
		r = targets_of(b, at, group, n, &stars, &places);
		if (!r && group->kind == SBX_ANY_TOKEN_EXT)
			r = emit_ext(b, at, group->name, group->len, &places);
		else if (!r)
			r = emit_name(b, at, &chain, group->name, group->len, &places);
	}
	if (!r && stars.n) {
		sbx_any_places_sort(&stars);
		r = emit_name(b, at, &chain, "", 0, &stars);
	}
	return r;
}

/* Where all paths begin: every pattern's first token, of which `**` are the first base. */
static int emit_start(struct sbx_any_builder *b)
{
	sbx_cleanup(sbx_any_places_free) struct sbx_any_places loops = { 0 };
	sbx_cleanup(sbx_any_places_free) struct sbx_any_places extras = { 0 };
	struct sbx_job *job = &b->c->out->job;
	__u32 base = 0, start = 0;
	int r = 0;

	for (size_t i = 0; i < b->n_tokens && !r; i++) {
		bool first = !i || b->tokens[i - 1].kind == SBX_ANY_TOKEN_END;

		if (first)
			r = sbx_any_places_add(b->tokens[i].kind == SBX_ANY_TOKEN_ANY ? &loops
										      : &extras,
					       (__u32)i);
	}
	if (!r)
		r = sbx_any_base_intern(b, &loops, &base);
	if (r || !extras.n)
		return r;
	job->flags |= SBX_JOB_ANY_START;
	r = sbx_any_state_new(b, base, &extras, SBX_NODE_ANY_START, &start);
	if (!r && b->states[start].star)
		job->flags |= SBX_JOB_ANY_STAR;
	return r;
}

int sbx_any_build(struct sbx_compiler *c)
{
	sbx_cleanup(builder_free) struct sbx_any_builder b = { .c = c };
	int r = 0;

	if (!c->out->n_any)
		return 0;
	for (size_t i = 0; i < c->out->n_any && !r; i++)
		r = add_pattern(&b, &c->out->any[i]);
	if (!r)
		r = emit_start(&b);
	for (size_t i = 0; i < b.n_states && !r; i++)
		r = emit_state(&b, (__u32)i);
	return r;
}

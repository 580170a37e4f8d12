// SPDX-License-Identifier: GPL-2.0-only
/* Positions, moves, and states of the automaton of the `**` denies: each set of them once. */
#include "policy/automaton.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"

void sbx_any_moves_free(struct sbx_any_moves *moves)
{
	free(moves->items);
}

void sbx_any_places_free(struct sbx_any_places *places)
{
	free(places->items);
}

/* --- sets ------------------------------------------------------------------------------------ */

static int compare_places(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return (x > y) - (x < y);
}

int sbx_any_keys_compare(const struct sbx_any_move *a, const struct sbx_any_move *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name, b->name, a->len);
}

int sbx_any_moves_compare(const void *a, const void *b)
{
	int r = sbx_any_keys_compare(a, b);

	return r ? r
		 : compare_places(&((const struct sbx_any_move *)a)->to,
				  &((const struct sbx_any_move *)b)->to);
}

int sbx_any_places_add(struct sbx_any_places *places, __u32 place)
{
	if (sbx_array_grow(&places->items, places->n, sizeof(*places->items)))
		return -ENOMEM;
	places->items[places->n++] = place;
	return 0;
}

void sbx_any_places_sort(struct sbx_any_places *places)
{
	size_t n = 0;

	if (places->n)
		qsort(places->items, places->n, sizeof(*places->items), compare_places);
	for (size_t i = 0; i < places->n; i++) {
		if (!n || places->items[n - 1] != places->items[i])
			places->items[n++] = places->items[i];
	}
	places->n = n;
}

static bool places_hold(const struct sbx_any_places *places, __u32 place)
{
	return places->n &&
	       bsearch(&place, places->items, places->n, sizeof(place), compare_places);
}

static bool places_equal(const struct sbx_any_places *a, const struct sbx_any_places *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->items, b->items, a->n * sizeof(*a->items)));
}

int sbx_any_moves_add(const struct sbx_any_builder *b, struct sbx_any_moves *moves, __u32 place,
		      bool *ret_star)
{
	const struct sbx_any_token *token = &b->tokens[place];

	*ret_star |= token->kind == SBX_ANY_TOKEN_STAR;
	if (token->kind != SBX_ANY_TOKEN_NAME && token->kind != SBX_ANY_TOKEN_EXT)
		return 0;
	if (sbx_array_grow(&moves->items, moves->n, sizeof(*moves->items)))
		return -ENOMEM;
	moves->items[moves->n++] =
		(struct sbx_any_move){ token->kind, token->name, token->len, place + 1 };
	return 0;
}

size_t sbx_any_moves_find(const struct sbx_any_moves *moves, const struct sbx_any_move *key,
			  const struct sbx_any_move **ret_first)
{
	size_t lo = 0, hi = moves->n, n = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sbx_any_keys_compare(&moves->items[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < moves->n && !sbx_any_keys_compare(&moves->items[lo + n], key))
		n++;
	*ret_first = n ? &moves->items[lo] : NULL;
	return n;
}

/* --- states ---------------------------------------------------------------------------------- */

int sbx_any_too_many(struct sbx_any_builder *b, const struct sbx_any_places *places)
{
	const struct sbx_any_token *token =
		&b->tokens[places->n ? places->items[places->n - 1] : 0];
	const struct sbx_place *place = &b->c->out->rules[token->pattern->ref].place;

	sbx_diag_add(b->c->diags, SBX_DIAG_ERROR, "too-many-nodes", place->file, place->line,
		     place->column,
		     "the `**` rules make more than %d nodes: fewer `*` and `**` in one path help",
		     SBX_NODES_MAX);
	return -EINVAL;
}

int sbx_any_state_new(struct sbx_any_builder *b, __u32 base, struct sbx_any_places *extras,
		      __u32 node, __u32 *ret_state)
{
	struct sbx_compiled *out = b->c->out;
	struct sbx_any_state *state;

	if (out->n_nodes >= SBX_NODES_MAX)
		return sbx_any_too_many(b, extras->n ? extras : &b->bases[base].loops);
	if (!node)
		node = sbx_compiled_add_node(out, SBX_NODE_ANY);
	if (!node || sbx_array_grow(&b->states, b->n_states, sizeof(*b->states)))
		return -ENOMEM;
	state = &b->states[b->n_states];
	*state = (struct sbx_any_state){ .base = base, .node = node };
	for (size_t i = 0; i < extras->n; i++) {
		const struct sbx_any_token *token = &b->tokens[extras->items[i]];

		state->star |= token->kind == SBX_ANY_TOKEN_STAR;
		if (token->kind == SBX_ANY_TOKEN_END)
			sbx_node_note(&out->nodes[node], true, token->pattern->rights,
				      token->pattern->ref);
		else
			out->nodes[node].below = token->pattern->ref;
	}
	state->extras = *extras;
	*extras = (struct sbx_any_places){ 0 };
	*ret_state = (__u32)b->n_states++;
	return 0;
}

int sbx_any_base_intern(struct sbx_any_builder *b, struct sbx_any_places *loops, __u32 *ret_base)
{
	sbx_cleanup(sbx_any_moves_free) struct sbx_any_moves moves = { 0 };
	struct sbx_any_places none = { 0 };
	bool star = false;
	__u32 at;
	int r = 0;

	for (at = 0; at < b->n_bases; at++) {
		if (places_equal(&b->bases[at].loops, loops)) {
			*ret_base = at;
			return 0;
		}
	}
	for (size_t i = 0; i < loops->n && !r; i++)
		r = sbx_any_moves_add(b, &moves, loops->items[i] + 1, &star);
	if (!r)
		r = sbx_array_grow(&b->bases, b->n_bases, sizeof(*b->bases));
	if (r)
		return r;
	if (moves.n)
		qsort(moves.items, moves.n, sizeof(*moves.items), sbx_any_moves_compare);
	b->bases[b->n_bases++] = (struct sbx_any_base){ .loops = *loops, .moves = moves };
	*loops = (struct sbx_any_places){ 0 };
	moves = (struct sbx_any_moves){ 0 };
	*ret_base = at;
	/* the first base is where paths begin */
	return sbx_any_state_new(b, at, &none, at ? 0 : SBX_NODE_ANY, &b->bases[at].state);
}

static __u32 *bucket_of(struct sbx_any_builder *b, __u32 base, const struct sbx_any_places *extras)
{
	__u64 hash = base;

	for (size_t i = 0; i < extras->n; i++)
		hash = (hash ^ extras->items[i]) * 0x9e3779b97f4a7c15ull;
	return &b->buckets[(hash >> 32) % SBX_AUTOMATON_BUCKETS];
}

/* The base after these positions were reached: a `**` among them is passed, and stays so. */
static int next_base(struct sbx_any_builder *b, __u32 from, const struct sbx_any_places *places,
		     __u32 *ret_base)
{
	sbx_cleanup(sbx_any_places_free) struct sbx_any_places loops = { 0 };
	const struct sbx_any_places *before = &b->bases[from].loops;
	int r = 0;

	*ret_base = from;
	for (size_t i = 0; i < places->n && !r; i++) {
		if (b->tokens[places->items[i]].kind == SBX_ANY_TOKEN_ANY &&
		    !places_hold(before, places->items[i]))
			r = sbx_any_places_add(&loops, places->items[i]);
	}
	if (r || !loops.n)
		return r;
	b->work += before->n + b->n_bases;
	for (size_t i = 0; i < before->n && !r; i++)
		r = sbx_any_places_add(&loops, before->items[i]);
	sbx_any_places_sort(&loops);
	return r ? r : sbx_any_base_intern(b, &loops, ret_base);
}

int sbx_any_state_intern(struct sbx_any_builder *b, __u32 from, const struct sbx_any_places *places,
			 __u32 *ret_state)
{
	sbx_cleanup(sbx_any_places_free) struct sbx_any_places extras = { 0 };
	__u32 base = from, *bucket;
	int r = next_base(b, from, places, &base);

	for (size_t i = 0; i < places->n && !r; i++) {
		__u32 place = places->items[i];

		/* what the base implies anyway is left out */
		if (b->tokens[place].kind != SBX_ANY_TOKEN_ANY &&
		    !(place && places_hold(&b->bases[base].loops, place - 1)))
			r = sbx_any_places_add(&extras, place);
	}
	if (r)
		return r;
	*ret_state = b->bases[base].state;
	if (!extras.n)
		return 0;
	bucket = bucket_of(b, base, &extras);
	for (__u32 at = *bucket; at; at = b->states[at - 1].chain) {
		*ret_state = at - 1;
		if (b->states[at - 1].base == base &&
		    places_equal(&b->states[at - 1].extras, &extras))
			return 0;
	}
	r = sbx_any_state_new(b, base, &extras, 0, ret_state);
	if (r)
		return r;
	b->states[*ret_state].chain = *bucket;
	*bucket = *ret_state + 1;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The automaton of the `**` denies while it is made: anywhere.c reads the patterns and emits the
 * edges, automaton.c tells states apart.
 *
 * A pattern is a row of tokens, and a place in it a position.  A state is what a path so far may
 * have reached: its base, which are the `**` that it has passed (they stay reached for good), and
 * its extras, the positions in the middle of a pattern (they last as long as the next component
 * fits).  A component that no edge of the state names leads to the base's own state, so most
 * components cost no look-up.
 */
#ifndef SBX_AUTOMATON_H
#define SBX_AUTOMATON_H

#include "policy/compiler.h"

#define SBX_AUTOMATON_BUCKETS 4096

enum sbx_any_kind {
	SBX_ANY_TOKEN_NAME,
	SBX_ANY_TOKEN_EXT,
	SBX_ANY_TOKEN_STAR,
	SBX_ANY_TOKEN_ANY, /* `**` */
	SBX_ANY_TOKEN_END,
};

struct sbx_any_token {
	enum sbx_any_kind kind;
	const char *name; /* points into its pattern's path */
	size_t len;
	const struct sbx_any_path *pattern;
};

/* From a position, with this name or ending, to the position behind it. */
struct sbx_any_move {
	enum sbx_any_kind kind; /* SBX_ANY_TOKEN_NAME or SBX_ANY_TOKEN_EXT */
	const char *name;
	size_t len;
	__u32 to;
};

struct sbx_any_moves {
	struct sbx_any_move *items;
	size_t n;
};

/* Positions, sorted, each once. */
struct sbx_any_places {
	__u32 *items;
	size_t n;
};

struct sbx_any_base {
	struct sbx_any_places loops; /* positions of SBX_ANY_TOKEN_ANY */
	struct sbx_any_moves moves;  /* of what stands behind them; sorted */
	__u32 state;		     /* the one without extras */
};

struct sbx_any_state {
	__u32 base;
	struct sbx_any_places extras;
	__u32 node;
	bool star;   /* a `*` among the extras: any component goes on */
	__u32 chain; /* the next state of its bucket, + 1; 0: none */
};

struct sbx_any_builder {
	struct sbx_compiler *c;
	struct sbx_any_token *tokens;
	size_t n_tokens;
	struct sbx_any_base *bases;
	size_t n_bases;
	struct sbx_any_state *states;
	size_t n_states;
	__u32 buckets[SBX_AUTOMATON_BUCKETS]; /* first state, + 1 */
	size_t work;
};

void sbx_any_places_free(struct sbx_any_places *places);
int sbx_any_places_add(struct sbx_any_places *places, __u32 place);
/* Sorts, and leaves each once. */
void sbx_any_places_sort(struct sbx_any_places *places);

void sbx_any_moves_free(struct sbx_any_moves *moves);
/* What the token at `place` can take; `*` is told apart by *ret_star, which is only ever set. */
int sbx_any_moves_add(const struct sbx_any_builder *b, struct sbx_any_moves *moves, __u32 place,
		      bool *ret_star);
/* Order by what is taken, then by where it leads (for qsort); and by what is taken alone. */
int sbx_any_moves_compare(const void *a, const void *b);
int sbx_any_keys_compare(const struct sbx_any_move *a, const struct sbx_any_move *b);
/* The moves with the key of `key` in a sorted list; returns how many. */
size_t sbx_any_moves_find(const struct sbx_any_moves *moves, const struct sbx_any_move *key,
			  const struct sbx_any_move **ret_first);

/* The base of these `**`, which are sorted; takes them over.  0, -EINVAL (a fault was told),
 * -ENOMEM. */
int sbx_any_base_intern(struct sbx_any_builder *b, struct sbx_any_places *loops, __u32 *ret_base);
/*
 * A new state with the node that stands for it (0: a new one), which says what the patterns that
 * end here deny.  Takes the extras over.  Results as above.
 */
int sbx_any_state_new(struct sbx_any_builder *b, __u32 base, struct sbx_any_places *extras,
		      __u32 node, __u32 *ret_state);
/* The state that is reached with these positions, after a state of base `from`. */
int sbx_any_state_intern(struct sbx_any_builder *b, __u32 from, const struct sbx_any_places *places,
			 __u32 *ret_state);
/* Tells the fault, with the line of one of the patterns at these positions; returns -EINVAL. */
int sbx_any_too_many(struct sbx_any_builder *b, const struct sbx_any_places *places);

#endif /* SBX_AUTOMATON_H */
